import { asBytes } from '../bencode/bencode.ts'
import { type Encodable, RawBencode } from '../bencode/encode.ts'
import type { Address, Family } from '../core/address.ts'
import { equalBytes } from '../core/bytes.ts'
import type { Dice, Digest, Secrets, Signatures } from '../core/ports.ts'
import { scopeOf } from '../core/scope.ts'
import { AddressVotes } from './address-votes.ts'
import { Answers } from './answers.ts'
import { type Contact, decodeContacts } from './contact.ts'
import { isMutable, type Item, readItem } from './item.ts'
import { decodeKrpc, encodeQuery, type KrpcMessage } from './krpc.ts'
import { DHT_LIMITS } from './limits.ts'
import type { Found, LookupResult } from './lookup.ts'
import { type Asked, Lookups } from './lookups.ts'
import { isSecureId, type NodeId, secureIdFor } from './node-id.ts'
import { DHT_DEFAULTS } from './options.ts'
import { PeerFindings, type PeerSearch } from './peer-search.ts'
import { type Asker, Questions, type Response } from './questions.ts'
import { RoutingTable } from './routing-table.ts'
import { readSample, type Sample } from './sample.ts'
import { SourceLimits } from './source-limits.ts'

/** What was found under a target. */
export interface ItemSearch {
  readonly target: NodeId
  /** Of mutable items: what was signed with it. */
  readonly salt: Uint8Array
  /** The latest genuine one; null where there is none. */
  done(item: Item | null, result: LookupResult, now: number): void
}

/** Buckets that are filled right at the beginning, one after another. */
const FIRST_REFRESHES = 8

/** The questions that are answered with nodes (BEP 32). */
const NAMES_NODES: ReadonlySet<string> = new Set(['find_node', 'get_peers', 'get'])

type Fields = Readonly<Record<string, Encodable | undefined>>

export interface DhtNodeOptions {
  readonly family: Family
  readonly dice: Dice
  readonly secrets: Secrets
  readonly digest: Digest
  readonly signatures: Signatures
  readonly send: (datagram: Uint8Array, to: Address) => void
  /** From an earlier run; else one by chance until others say where they see us. */
  readonly id?: NodeId
  /** BEP 43: answers nobody, and tells others not to remember us. Default false. */
  readonly isReadOnly?: boolean
  /** 4 bytes that tell the program. */
  readonly version?: Uint8Array
  /** Nodes of the other family, for who asks for both (BEP 32). */
  readonly closestOfOther?: (target: NodeId) => readonly Contact[]
  /** Somebody told of nodes of the other family. */
  readonly heardOfOther?: (contacts: readonly Contact[], now: number) => void
  /** Whether nodes of the other family are wanted. */
  readonly wantsOther?: () => boolean
  readonly now: number
}

/**
 * A node of the DHT of one address family (BEP 5, 32, 42 to 45): knows others, answers them, and looks for what it is told to.
 * It has neither sockets nor a clock: the owner sends what it hands out, hands in what was received, and calls `tick` at its
 * `deadline`.
 */
export class DhtNode {
  readonly #options: DhtNodeOptions
  readonly #questions: Questions
  readonly #answers: Answers
  readonly #limits = new SourceLimits()
  readonly #votes = new AddressVotes()
  #table: RoutingTable
  /** Asked when the table has few. Bounded by what its owner names. */
  #routers: readonly Address[] = []
  readonly #lookups: Lookups
  #refreshAt: number
  #pingAt: number
  /** Refreshes in a row that began with few nodes. */
  #sparseTimes = 0
  #hasBootstrapped = false
  /** So many follow the first one at once. */
  #firstRefreshes = FIRST_REFRESHES

  constructor(options: DhtNodeOptions) {
    this.#options = options
    this.#questions = new Questions(options.secrets)
    this.#table = new RoutingTable(options.id ?? options.secrets.bytes(20))
    this.#answers = new Answers({
      ...options,
      closest: (target, family) =>
        family === options.family
          ? this.#table.closest(target, DHT_LIMITS.bucketNodes)
          : (options.closestOfOther?.(target) ?? []),
    })
    this.#lookups = new Lookups({
      contacts: target => this.#table.closest(target, 2 * DHT_LIMITS.bucketNodes),
      routers: () => (this.#isSparse ? this.#routers : []),
      ask: (to, method, args, asker, now) => this.#ask(to, method, args, asker, now),
      contactsIn: (response, now) => this.#contactsIn(response, now),
    })
    this.#refreshAt = options.now
    this.#pingAt = options.now + DHT_DEFAULTS.pingInterval
  }

  get id(): NodeId {
    return this.#table.id
  }

  /** How many nodes are known and answer. */
  get size(): number {
    return this.#table.size
  }

  /** Where others see us; null while too few say. */
  get externalHost(): string | null {
    return this.#votes.host
  }

  /** Info-hashes that peers are kept for, and items. */
  get stored(): { readonly swarms: number; readonly items: number } {
    return { swarms: this.#answers.peers.size, items: this.#answers.items.size }
  }

  /** It has been through its first lookup. */
  get hasBootstrapped(): boolean {
    return this.#hasBootstrapped
  }

  closest(target: NodeId): readonly Contact[] {
    return this.#table.closest(target, DHT_LIMITS.bucketNodes)
  }

  /** To be remembered: the nodes that answered last. */
  contacts(): Contact[] {
    return this.#table.contacts().slice(0, DHT_LIMITS.savedNodes)
  }

  /** Addresses to begin with whenever hardly anybody is known. */
  setRouters(routers: readonly Address[], now: number): void {
    this.#routers = routers.filter(({ family }) => family === this.#options.family)
    if (this.#isSparse) this.#refreshAt = now
  }

  /** There may be a node: it is asked, where there is room for one. */
  heardOf(address: Address, now: number): void {
    if (!this.#mayWriteTo(address) || this.#table.has(address) || this.#questions.isFull) return
    this.#ping(address, now)
    if (this.#table.size === 0) this.#refreshAt = Math.min(this.#refreshAt, now + DHT_DEFAULTS.slowAfter)
  }

  /** Nodes that were known before, or that others told of. */
  heardOfAll(contacts: readonly Contact[], now: number): void {
    for (const contact of contacts) if (this.#table.wants(contact)) this.heardOf(contact.address, now)
  }

  // Looking for things.

  /** What is returned ends it without a word. */
  findPeers(search: PeerSearch, now: number): () => void {
    const findings = new PeerFindings(this.#options.family)
    return this.#lookups.begin(
      {
        target: search.infoHash,
        method: 'get_peers',
        args: {
          info_hash: search.infoHash,
          ...(search.noSeeds ? { noseed: 1 } : {}),
          ...(search.counts ? { scrape: 1 } : {}),
        },
        heard: (values, at) => {
          const peers = findings.read(values)
          if (peers.length > 0) search.found(peers, at)
        },
        done: (result, at) => {
          const announced = search.announce ? this.#announce(search.infoHash, search.announce, result, at) : 0
          search.done({ ...result, announced, counts: search.counts ? findings.counts : null }, at)
        },
      },
      now,
    )
  }

  /** Likewise. */
  findItem(search: ItemSearch, now: number): () => void {
    const { digest, signatures } = this.#options
    let latest: Item | null = null
    return this.#lookups.begin(
      {
        target: search.target,
        method: 'get',
        args: { target: search.target },
        heard: values => {
          const item = readItem(values, search, { digest, signatures })
          if (item === null) return
          const isNewer = !latest || (isMutable(item) && isMutable(latest) && item.sequence > latest.sequence)
          if (isNewer) latest = item
        },
        done: (result, at) => search.done(latest, result, at),
      },
      now,
    )
  }

  /** Has the nodes of a result keep an item; `done` hears how many took it. `cas`: only where this is the present number. */
  putItem(
    put: {
      readonly item: Item
      readonly cas?: number
      readonly at: readonly Found[]
      readonly done: (stored: number, now: number) => void
    },
    now: number,
  ): void {
    const { item, cas } = put
    let left = 0
    let stored = 0
    const settle = (at: number): void => {
      if (--left === 0) put.done(stored, at)
    }
    const value = { v: new RawBencode(item.value) }
    const args = isMutable(item)
      ? {
          ...value,
          k: item.publicKey,
          sig: item.signature,
          seq: item.sequence,
          ...(item.salt.length > 0 ? { salt: item.salt } : {}),
          ...(cas === undefined ? {} : { cas }),
        }
      : value
    left = 1
    for (const { address, token } of put.at) {
      if (token === null) continue
      const asker: Asker = {
        answered: (_, at) => {
          stored++
          settle(at)
        },
        silent: settle,
      }
      if (this.#ask({ address }, 'put', { ...args, token }, asker, now)) left++
    }
    settle(now)
  }

  /** BEP 51: asks one node which info-hashes it keeps peers of, and for nodes near the target. Null: it does not say. */
  sample(
    { at, target }: { at: Address; target: NodeId },
    done: (sample: Sample | null, contacts: readonly Contact[], now: number) => void,
    now: number,
  ): void {
    const asker: Asker = {
      answered: (response, when) => done(readSample(response.values), this.#contactsIn(response, when), when),
      silent: when => done(null, [], when),
    }
    if (!this.#ask({ address: at }, 'sample_infohashes', { target }, asker, now)) done(null, [], now)
  }

  // Time and datagrams.

  /** False for what is not of the DHT. `datagram` is valid only during the call. */
  received(datagram: Uint8Array, from: Address, now: number): boolean {
    if (from.family !== this.#options.family) return false
    const message = decodeKrpc(datagram)
    if (message === null) return false
    if (message.type === 'query') this.#asked(message, datagram.length, from, now)
    else if (message.type === 'broken') this.#refuse(message, from, now)
    else this.#questions.received(message, from, now)
    return true
  }

  tick(now: number): void {
    this.#questions.tick(now)
    this.#lookups.tick(now)
    if (now >= this.#pingAt) {
      this.#pingAt = now + DHT_DEFAULTS.pingInterval
      const node = this.#table.questionable(now)
      if (node) this.#ping(node.address, now)
    }
    if (now >= this.#refreshAt) this.#refresh(now)
  }

  deadline(): number {
    const pingAt = this.#table.size > 0 ? this.#pingAt : Number.POSITIVE_INFINITY
    return Math.min(this.#questions.deadline(), this.#refreshAt, pingAt, this.#lookups.deadline())
  }

  // What others ask.

  #asked(query: Extract<KrpcMessage, { type: 'query' }>, length: number, from: Address, now: number): void {
    if (this.#options.isReadOnly || !this.#mayWriteTo(from) || equalBytes(query.id, this.id)) return
    if (!this.#limits.mayAsk(from, now)) return
    const isKnown = this.#table.has(from)
    const answer = this.#answers.answer(query, this.id, { from, length, isKnown, now })
    if (answer && this.#limits.mayAnswer(answer.length, now)) this.#options.send(answer, from)
    // It is asked back before it is believed to be there.
    const contact = { id: query.id, address: from }
    if (!query.isReadOnly && !isKnown && this.#table.wants(contact)) this.heardOf(from, now)
  }

  #refuse({ transaction }: { transaction: Uint8Array }, from: Address, now: number): void {
    if (this.#options.isReadOnly || !this.#mayWriteTo(from) || !this.#limits.mayAsk(from, now)) return
    const refusal = this.#answers.refuse(transaction)
    if (this.#limits.mayAnswer(refusal.length, now)) this.#options.send(refusal, from)
  }

  /** Whoever forges his address shall not have us write to services, to nobody, or from the world into this network. */
  #mayWriteTo({ host, port, family }: Address): boolean {
    if (port === 0 || family !== this.#options.family) return false
    const scope = scopeOf(host)
    if (scope === 'unusable') return false
    return scope !== 'global' || port >= 1024
  }

  // What we ask.

  #ping(address: Address, now: number): void {
    this.#ask({ address }, 'ping', {}, { answered: () => undefined, silent: () => undefined }, now)
  }

  /** False where nothing was sent. */
  #ask(whom: Asked, method: string, args: Fields, asker: Asker, now: number): boolean {
    const to = whom.address
    if (!this.#mayWriteTo(to)) return false
    const transaction = this.#questions.open(
      to,
      {
        answered: (response, at) => {
          this.#learnFrom(response, whom, at)
          asker.answered(response, at)
        },
        silent: (at, code) => {
          // Who refuses is there all the same.
          if (code === undefined) this.#table.failed(to)
          asker.silent(at, code)
        },
        ...(asker.slow ? { slow: at => asker.slow?.(at) } : {}),
      },
      now,
    )
    if (transaction === null) return false
    const { isReadOnly, version, send } = this.#options
    const want = NAMES_NODES.has(method) && this.#options.wantsOther?.() ? { want: ['n4', 'n6'] } : {}
    const query = {
      transaction,
      method,
      args: { ...args, ...want, id: this.id },
      isReadOnly: isReadOnly ?? false,
      version,
    }
    send(encodeQuery(query), to)
    return true
  }

  #learnFrom({ id, seenAt }: Response, whom: Asked, now: number): void {
    const from = whom.address
    // Where somebody else was said to be, one who lies, or who was lied about, is not to be known by it.
    const isExpected = !('id' in whom) || equalBytes(whom.id, id)
    if (isExpected) this.#table.answered({ id: id.slice(), address: from }, now)
    if (seenAt && this.#votes.vote(from.host, seenAt.host)) this.#moved(seenAt.host, now)
  }

  /** BEP 42: others see us elsewhere than our id says. What we know stays, by another distance. */
  #moved(host: string, now: number): void {
    if (isSecureId(this.id, host)) return
    const before = this.#table.contacts()
    this.#table = new RoutingTable(secureIdFor(host, this.#options.secrets))
    for (const contact of before) this.#table.answered(contact, now)
    this.#refreshAt = now
  }

  /** Those of our family that may be asked; those of the other are handed on. */
  #contactsIn({ values }: Response, now: number): Contact[] {
    const { family, heardOfOther } = this.#options
    const read = (key: string, of: Family): Contact[] =>
      decodeContacts(asBytes(values.get(key)) ?? new Uint8Array(0), of, DHT_LIMITS.answerNodes)
    const other = family === 4 ? read('nodes6', 6) : read('nodes', 4)
    if (other.length > 0) heardOfOther?.(other, now)
    const ours = family === 4 ? read('nodes', 4) : read('nodes6', 6)
    return ours.filter(({ id, address }) => this.#mayWriteTo(address) && !equalBytes(id, this.id))
  }

  #announce(
    infoHash: NodeId,
    { port, isPortImplied, isSeed }: NonNullable<PeerSearch['announce']>,
    { closest }: LookupResult,
    now: number,
  ): number {
    let announced = 0
    for (const { address, token } of closest) {
      if (token === null) continue
      const args = {
        info_hash: infoHash,
        port,
        token,
        ...(isPortImplied ? { implied_port: 1 } : {}),
        ...(isSeed ? { seed: 1 } : {}),
      }
      const asker: Asker = { answered: () => undefined, silent: () => undefined }
      if (this.#ask({ address }, 'announce_peer', args, asker, now)) announced++
    }
    return announced
  }

  /** Whoever knows so few may know only those who want to be all that it knows. */
  get #isSparse(): boolean {
    return this.#table.size < 2 * DHT_LIMITS.bucketNodes
  }

  /** Looks for its own neighbours first, and for places that lack nodes later. */
  #refresh(now: number): void {
    this.#answers.peers.sweep(now)
    const isSparse = this.#isSparse
    const target =
      isSparse || !this.#hasBootstrapped ? this.id : this.#table.refreshTarget(this.#options.dice)
    const { sparseRetry, refreshInterval } = DHT_DEFAULTS
    const wait = isSparse ? Math.min(refreshInterval, sparseRetry * 2 ** this.#sparseTimes) : refreshInterval
    this.#sparseTimes = isSparse ? Math.min(this.#sparseTimes + 1, 10) : 0
    this.#refreshAt = now + wait * (0.75 + 0.5 * this.#options.dice.fraction())
    if (this.#table.size === 0 && this.#routers.length === 0) return
    this.#lookups.begin(
      {
        target,
        method: 'find_node',
        args: { target },
        heard: () => undefined,
        done: (_, at) => {
          if (this.#table.size === 0) return
          this.#hasBootstrapped = true
          // Neighbours are known now; far away there are still few.
          if (this.#firstRefreshes === 0) return
          this.#firstRefreshes--
          this.#refreshAt = Math.min(this.#refreshAt, at + DHT_DEFAULTS.slowAfter)
        },
      },
      now,
    )
  }
}
