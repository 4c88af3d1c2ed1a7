import { asBytes, asInteger, asList, asText, type BencodeDict } from '../bencode/bencode.ts'
import { type Encodable, RawBencode } from '../bencode/encode.ts'
import { type Address, encodeCompact, type Family } from '../core/address.ts'
import { concatBytes, NO_BYTES } from '../core/bytes.ts'
import type { Dice, Digest, Secrets, Signatures } from '../core/ports.ts'
import { scopeOf } from '../core/scope.ts'
import { type Contact, contactLength, encodeContacts } from './contact.ts'
import { isGenuine, isMutable, type Item, mutableTarget, type MutableItem } from './item.ts'
import { ItemStore } from './item-store.ts'
import { encodeError, encodeResponse, idOf, KRPC_ERROR, type KrpcMessage } from './krpc.ts'
import { DHT_LIMITS } from './limits.ts'
import type { NodeId } from './node-id.ts'
import { DHT_DEFAULTS } from './options.ts'
import { PeerStore } from './peer-store.ts'
import { TokenJar } from './token-jar.ts'

export type Query = Extract<KrpcMessage, { type: 'query' }>

/** Who asks, and how long the answer may be. */
export interface Asking {
  readonly from: Address
  /** The length of the question. */
  readonly length: number
  /** It has answered us before: it is where it says. */
  readonly isKnown: boolean
  readonly now: number
}

type Fields = Record<string, Encodable | undefined>

/** What goes wrong with a question, as the asker is told. */
class Refusal extends Error {
  readonly code: number

  constructor(code: number, text: string) {
    super(text)
    this.code = code
  }
}

/** Answers what other nodes ask: the serving half of a node, and what others have it keep (BEP 5, 32, 33, 44, 51). */
export class Answers {
  readonly peers: PeerStore
  readonly items = new ItemStore()
  readonly #family: Family
  readonly #digest: Digest
  readonly #signatures: Signatures
  readonly #tokens: TokenJar
  readonly #version: Uint8Array | undefined
  readonly #closest: (target: NodeId, family: Family) => readonly Contact[]
  /** What is told to who samples, and until when (BEP 51). */
  #sample: { readonly hashes: readonly NodeId[]; readonly until: number } | null = null

  constructor(options: {
    family: Family
    dice: Dice
    secrets: Secrets
    digest: Digest
    signatures: Signatures
    version?: Uint8Array | undefined
    now: number
    /** At most 8, of either family. */
    closest: (target: NodeId, family: Family) => readonly Contact[]
  }) {
    this.#family = options.family
    this.#digest = options.digest
    this.#signatures = options.signatures
    this.#version = options.version
    this.#closest = options.closest
    this.#tokens = new TokenJar(options)
    this.peers = new PeerStore(options)
  }

  /** The datagram to send, or null where nothing is to be said. `ourId`: what we call ourselves. */
  answer(query: Query, ourId: NodeId, asking: Asking): Uint8Array | null {
    const { transaction } = query
    try {
      const answer = this.#answerTo(query, asking)
      return answer && this.#fitted(answer, ourId, transaction, asking)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return encodeError({ transaction, code: error.code, text: error.message, version: this.#version })
    }
  }

  /** To something that is no question. */
  refuse(transaction: Uint8Array): Uint8Array {
    return encodeError({
      transaction,
      code: KRPC_ERROR.PROTOCOL,
      text: 'not a query',
      version: this.#version,
    })
  }

  #answerTo(query: Query, asking: Asking): Draft {
    switch (query.method) {
      case 'ping':
        return new Draft()
      case 'find_node':
        return this.#findNode(query.args)
      case 'get_peers':
        return this.#getPeers(query.args, asking)
      case 'announce_peer':
        return this.#announcePeer(query.args, asking)
      case 'get':
        return this.#get(query.args, asking)
      case 'put':
        return this.#put(query.args, asking)
      case 'sample_infohashes':
        return this.#sampleHashes(query.args, asking)
      default:
        // Whoever extends the protocol may ask for a target: the nearest nodes are an answer to that.
        if (idOf(query.args, 'target') ?? idOf(query.args, 'info_hash')) return this.#findNode(query.args)
        throw new Refusal(KRPC_ERROR.METHOD_UNKNOWN, 'method unknown')
    }
  }

  #findNode(args: BencodeDict): Draft {
    const target = idOf(args, 'target') ?? idOf(args, 'info_hash')
    if (!target) throw new Refusal(KRPC_ERROR.PROTOCOL, 'target is missing')
    return this.#near(target, args)
  }

  #getPeers(args: BencodeDict, { from, isKnown, now }: Asking): Draft {
    const infoHash = required(args, 'info_hash')
    const draft = this.#near(infoHash, args)
    if (this.peers.hasRoom(infoHash)) draft.fields['token'] = this.#tokens.tokenFor(from.host, infoHash, now)
    draft.values = this.peers
      .peers(infoHash, {
        limit: DHT_LIMITS.answerPeers,
        scope: scopeOf(from.host),
        noSeeds: asInteger(args.get('noseed')) === 1,
        now,
      })
      .map(encodeCompact)
    const filters = asInteger(args.get('scrape')) === 1 && isKnown ? this.peers.filters(infoHash, now) : null
    if (filters) {
      draft.fields['BFsd'] = filters.seeds.bytes
      draft.fields['BFpe'] = filters.peers.bytes
    }
    return draft
  }

  #announcePeer(args: BencodeDict, { from, now }: Asking): Draft {
    const infoHash = required(args, 'info_hash')
    this.#checkToken(args, from, infoHash, now)
    const port = asInteger(args.get('implied_port')) === 1 ? from.port : asInteger(args.get('port'))
    if (port === null || port < 1 || port > 65_535) throw new Refusal(KRPC_ERROR.PROTOCOL, 'port is missing')
    const isSeed = asInteger(args.get('seed')) === 1
    if (!this.peers.add(infoHash, { ...from, port }, isSeed, now))
      throw new Refusal(KRPC_ERROR.SERVER, 'too many info-hashes of one address')
    return new Draft()
  }

  #get(args: BencodeDict, { from, now }: Asking): Draft {
    const target = required(args, 'target')
    const draft = this.#near(target, args)
    draft.fields['token'] = this.#tokens.tokenFor(from.host, target, now)
    const item = this.items.get(target, now)
    if (!item) return draft
    const known = asInteger(args.get('seq'))
    if (isMutable(item)) draft.fields['seq'] = item.sequence
    if (isMutable(item) && known !== null && item.sequence <= known) return draft
    draft.item = item
    return draft
  }

  #put(args: BencodeDict, { from, now }: Asking): Draft {
    const value = args.rawOf('v')
    if (value === null) throw new Refusal(KRPC_ERROR.PROTOCOL, 'v is missing')
    if (value.length > DHT_LIMITS.itemLength) throw new Refusal(KRPC_ERROR.VALUE_TOO_LARGE, 'v is too big')
    const publicKey = asBytes(args.get('k'))
    if (publicKey === null) {
      const target = this.#digest.sha1(value)
      this.#checkToken(args, from, target, now)
      this.items.put(target, { value: value.slice() }, now)
      return new Draft()
    }
    const item = readMutable(args, value, publicKey)
    const target = mutableTarget(item, this.#digest)
    this.#checkToken(args, from, target, now)
    if (!isGenuine(item, this.#signatures))
      throw new Refusal(KRPC_ERROR.SIGNATURE_INVALID, 'the signature is not of this value')
    const there = this.items.get(target, now)
    const cas = asInteger(args.get('cas'))
    if (cas !== null && there && isMutable(there) && there.sequence !== cas)
      throw new Refusal(KRPC_ERROR.CAS_MISMATCH, 'cas is not the present seq')
    if (!this.items.put(target, item, now))
      throw new Refusal(KRPC_ERROR.SEQUENCE_TOO_LOW, 'seq is not greater than the present one')
    return new Draft()
  }

  #sampleHashes(args: BencodeDict, { now }: Asking): Draft {
    const draft = this.#near(required(args, 'target'), args)
    if (this.#sample === null || now >= this.#sample.until) {
      const until = now + DHT_DEFAULTS.sampleInterval * 1000
      this.#sample = { hashes: this.peers.sample(DHT_LIMITS.sampleHashes), until }
    }
    // A sample of nothing is made anew as soon as there is something.
    if (this.#sample.hashes.length === 0) this.#sample = null
    draft.samples = this.#sample?.hashes ?? []
    draft.fields['interval'] = this.#sample ? Math.ceil((this.#sample.until - now) / 1000) : 0
    draft.fields['num'] = this.peers.size
    return draft
  }

  /** The nodes nearest to the target, of our family or of those that were asked for (BEP 32). */
  #near(target: NodeId, args: BencodeDict): Draft {
    const wanted = (asList(args.get('want')) ?? []).map(each => asText(each))
    const families = ([4, 6] as const).filter(family => wanted.includes(`n${family}`))
    const draft = new Draft()
    for (const family of families.length > 0 ? families : [this.#family])
      draft.nodes.set(family, [...this.#closest(target, family)].slice(0, DHT_LIMITS.bucketNodes))
    return draft
  }

  #checkToken(args: BencodeDict, { host }: Address, target: NodeId, now: number): void {
    const token = asBytes(args.get('token'))
    if (token === null || !this.#tokens.isGood(token, host, target, now))
      throw new Refusal(KRPC_ERROR.PROTOCOL, 'the token is wrong')
  }

  /** As much of it as may be sent: who was never seen to be where he says gets little more than he sent. */
  #fitted(draft: Draft, id: NodeId, transaction: Uint8Array, asking: Asking): Uint8Array | null {
    const limit = asking.isKnown
      ? DHT_LIMITS.answerLength
      : Math.min(DHT_LIMITS.answerLength, DHT_LIMITS.amplification * asking.length)
    for (;;) {
      const values = { ...draft.encoded(), id }
      const answer = encodeResponse({ transaction, values, to: asking.from, version: this.#version })
      if (answer.length <= limit) return answer
      if (!draft.shorten(answer.length - limit)) return null
    }
  }
}

/** An answer that can be made shorter. */
class Draft {
  readonly fields: Fields = {}
  readonly nodes = new Map<Family, Contact[]>()
  values: Uint8Array[] = []
  samples: readonly NodeId[] | null = null
  item: Item | null = null

  encoded(): Fields {
    const { item } = this
    return {
      ...this.fields,
      nodes: this.#encodedNodes(4),
      nodes6: this.#encodedNodes(6),
      values: this.values.length > 0 ? this.values : undefined,
      samples: this.samples ? concatBytes(this.samples) : undefined,
      v: item ? new RawBencode(item.value) : undefined,
      ...(item && isMutable(item) ? { k: item.publicKey, sig: item.signature } : {}),
    }
  }

  /** By about so many bytes; false where nothing is left to leave out. Half of the nodes are worth more than more peers. */
  shorten(bytes: number): boolean {
    if (this.values.length > 1) {
      this.values.length -= Math.min(this.values.length - 1, Math.ceil(bytes / (this.values[0]!.length + 3)))
      return true
    }
    if (this.samples && this.samples.length > 0) {
      this.samples = this.samples.slice(0, -Math.ceil(bytes / 20))
      return true
    }
    for (const [family, nodes] of this.nodes) {
      if (nodes.length === 0) continue
      nodes.length -= Math.min(nodes.length, Math.ceil(bytes / contactLength(family)))
      return true
    }
    if (this.fields['BFsd']) {
      delete this.fields['BFsd']
      delete this.fields['BFpe']
      return true
    }
    if (this.item) {
      this.item = null
      return true
    }
    if (this.values.length === 0) return false
    this.values = []
    return true
  }

  #encodedNodes(family: Family): Uint8Array | undefined {
    const nodes = this.nodes.get(family)
    return nodes && encodeContacts(nodes)
  }
}

function required(args: BencodeDict, key: string): NodeId {
  const id = idOf(args, key)
  if (!id) throw new Refusal(KRPC_ERROR.PROTOCOL, `${key} is missing`)
  return id
}

function readMutable(args: BencodeDict, value: Uint8Array, publicKey: Uint8Array): MutableItem {
  const salt = asBytes(args.get('salt')) ?? NO_BYTES
  const signature = asBytes(args.get('sig'))
  const sequence = asInteger(args.get('seq'))
  if (salt.length > DHT_LIMITS.saltLength) throw new Refusal(KRPC_ERROR.SALT_TOO_LARGE, 'salt is too big')
  if (publicKey.length !== 32 || signature?.length !== 64 || sequence === null)
    throw new Refusal(KRPC_ERROR.PROTOCOL, 'k, sig or seq is missing')
  return {
    value: value.slice(),
    publicKey: publicKey.slice(),
    salt: salt.slice(),
    sequence,
    signature: signature.slice(),
  }
}
