import { type Address, address, type Family, isHost, scopeOf } from '../core/address.ts'
import { BitTorrentError } from '../core/errors.ts'
import type { SwarmKey } from '../core/ids.ts'
import { DhtNode } from '../dht/dht-node.ts'
import type { Contact } from '../dht/contact.ts'
import { decodeSavedNodes, encodeSavedNodes } from '../dht/saved-nodes.ts'
import type { AlertStream } from './alert-stream.ts'
import type { DatagramUser } from './datagram-user.ts'
import { DhtSearches } from './dht-searches.ts'
import type { DhtStatus } from './dht-status.ts'
import { CLIENT_DEFAULTS } from './options.ts'
import type { PeerFinder } from './peer-finder.ts'
import type { SessionDatagrams } from './session-datagrams.ts'
import type { DhtOptions, HostPort } from './session-options.ts'
import type { SessionPorts } from './session-ports.ts'
import type { TorrentTask } from './torrent-task.ts'
import type { Timed, Turns } from './turns.ts'
import { quietWaiter } from './waiter.ts'

/** The first byte of every message of the DHT: they are dictionaries. */
const DICTIONARY = 0x64
const STATE_NAME = 'dht.nodes'
/** Tells other nodes what we are (BEP 5 has no word on it; four bytes are the custom). */
const VERSION = Uint8Array.of(0x53, 0x48, 0x00, 0x01)

/**
 * The session's nodes in the DHT, one for each address family that it has sockets for (BEP 32, 45). They begin with what was
 * remembered, the nodes that torrents and peers name, and routers; they find peers for all torrents that enter.
 */
export class SessionDht implements PeerFinder, DatagramUser, Timed {
  readonly #ports: SessionPorts
  readonly #datagrams: SessionDatagrams
  readonly #turns: Turns
  readonly #alerts: AlertStream
  readonly #routers: readonly HostPort[]
  readonly #isReadOnly: boolean
  readonly #fail: (error: unknown) => void
  readonly #nodes = new Map<Family, DhtNode>()
  readonly #searches: DhtSearches
  #starting: Promise<void> | null = null
  /** What was remembered; null until it is read. */
  #saved: ReturnType<typeof decodeSavedNodes> | null = null
  #saveAt = Number.POSITIVE_INFINITY
  readonly #ready = quietWaiter()
  #isTold = false
  #isClosed = false

  constructor(options: {
    ports: SessionPorts
    datagrams: SessionDatagrams
    turns: Turns
    alerts: AlertStream
    listenPort: () => number
    dht: DhtOptions
    fail: (error: unknown) => void
  }) {
    const { ports, turns, dht } = options
    this.#ports = ports
    this.#datagrams = options.datagrams
    this.#turns = turns
    this.#alerts = options.alerts
    this.#routers = dht.routers ?? []
    this.#isReadOnly = dht.isReadOnly ?? false
    this.#fail = options.fail
    this.#searches = new DhtSearches({
      dice: ports.dice,
      nodes: () => [...this.#nodes.values()].filter(({ size }) => size > 0),
      listenPort: options.listenPort,
      changed: () => this.#turns.heed(this),
    })
  }

  /** Makes the nodes, where there are none yet; called when a place to listen was opened, or a torrent wants peers. */
  async start(): Promise<void> {
    this.#starting ??= this.#start().catch((error: unknown) => this.#fail(error))
    await this.#starting
    this.#openNodes()
  }

  /** Fulfilled when there are nodes to ask. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  get status(): DhtStatus[] {
    return [...this.#nodes].map(([family, node]) => ({
      family,
      nodes: node.size,
      externalHost: node.externalHost,
      storedSwarms: node.stored.swarms,
      storedItems: node.stored.items,
    }))
  }

  /** The nodes that have somebody to ask. */
  get nodes(): readonly DhtNode[] {
    return [...this.#nodes.values()].filter(({ size }) => size > 0)
  }

  /** Whether peers of this family are told that there is a node here. */
  speaks(family: Family): boolean {
    return this.#nodes.has(family) && !this.#isReadOnly
  }

  /** Somebody said that there is a node (BEP 5, PORT). */
  heardOf(at: Address, now: number): void {
    this.#nodes.get(at.family)?.heardOf(at, now)
    this.#turns.heed(this)
  }

  enter(task: TorrentTask, keys: readonly SwarmKey[], now: number): void {
    void this.start()
    this.#searches.enter(task, keys, now)
    const named = task.metadata?.nodes ?? []
    if (named.length > 0) void this.#hearOfNamed(named)
  }

  leave(task: TorrentTask): void {
    this.#searches.leave(task)
  }

  received(datagram: Uint8Array, from: Address, now: number): boolean {
    if (datagram[0] !== DICTIONARY) return false
    const isOurs = this.#nodes.get(from.family)?.received(datagram, from, now) ?? false
    if (isOurs) this.#turns.heed(this)
    return isOurs
  }

  tick(now: number): void {
    for (const node of this.#nodes.values()) node.tick(now)
    this.#searches.tick(now)
    this.#tellOnce()
    if (now < this.#saveAt) return
    this.#saveAt = now + CLIENT_DEFAULTS.dhtSaveInterval
    void this.#save()
  }

  deadline(): number {
    let next = Math.min(this.#saveAt, this.#searches.deadline())
    for (const node of this.#nodes.values()) next = Math.min(next, node.deadline())
    return this.#isClosed ? Number.POSITIVE_INFINITY : next
  }

  fail(error: unknown): void {
    this.#fail(error)
  }

  /** Remembers whom it knows. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#turns.forget(this)
    await this.#starting
    await this.#save()
  }

  async #start(): Promise<void> {
    await this.#datagrams.open()
    const saved = decodeSavedNodes((await this.#ports.state?.read(null, STATE_NAME)) ?? null)
    if (this.#isClosed) return
    this.#saved = saved
    this.#openNodes()
  }

  /** A node for each family that has a socket by now. */
  #openNodes(): void {
    const isNew = (family: Family): boolean => !this.#nodes.has(family)
    const families = [...this.#datagrams.families].filter(isNew)
    if (this.#isClosed || !this.#saved || families.length === 0) return
    this.#turns.enter(this, now => {
      for (const family of families) this.#nodes.set(family, this.#newNode(family, now))
      for (const family of families)
        this.#nodes.get(family)?.heardOfAll(this.#saved?.get(family)?.contacts ?? [], now)
      this.#saveAt = now + CLIENT_DEFAULTS.dhtSaveInterval
      this.#turns.heed(this)
    })
    this.#findRouters().catch((error: unknown) => this.#fail(error))
  }

  #newNode(family: Family, now: number): DhtNode {
    const { dice, secrets, digest, signatures } = this.#ports
    const other = family === 4 ? 6 : 4
    const id = this.#saved?.get(family)?.id
    return new DhtNode({
      family,
      dice,
      secrets,
      digest,
      signatures,
      send: (datagram, to) => this.#datagrams.send(datagram, to),
      ...(id && { id }),
      isReadOnly: this.#isReadOnly,
      version: VERSION,
      closestOfOther: target => this.#nodes.get(other)?.closest(target) ?? [],
      heardOfOther: (contacts: readonly Contact[], at) => this.#nodes.get(other)?.heardOfAll(contacts, at),
      wantsOther: () => this.#nodes.get(other)?.size === 0,
      now,
    })
  }

  /** Those that were named by the user, or that everybody begins with. Nobody outside is asked by who is on this machine alone. */
  async #findRouters(): Promise<void> {
    const reach = new Set([...this.#datagrams.families].filter(family => this.#datagrams.reachesOut(family)))
    const askable = this.#routers.filter(({ host }) => reach.size > 0 || isHost(host))
    const found = await Promise.all(askable.map(({ host, port }) => this.#ports.resolveFar(host, port)))
    const routers = found.flat().filter(at => reach.has(at.family) || scopeOf(at.host) === 'loopback')
    if (this.#isClosed) return
    this.#turns.enter(this, now => {
      for (const node of this.#nodes.values()) node.setRouters(routers, now)
      this.#turns.heed(this)
    })
  }

  async #hearOfNamed(named: readonly HostPort[]): Promise<void> {
    await this.start()
    const some = named.slice(0, CLIENT_DEFAULTS.torrentNodes)
    const found = await Promise.all(some.map(({ host, port }) => this.#ports.resolveFar(host, port)))
    if (this.#isClosed) return
    this.#turns.enter(this, now => {
      for (const at of found.flat()) this.heardOf(address(at.host, at.port), now)
    })
  }

  /** The first time that there are nodes. */
  #tellOnce(): void {
    if (this.#isTold || ![...this.#nodes.values()].some(({ hasBootstrapped }) => hasBootstrapped)) return
    this.#isTold = true
    this.#ready.resolve()
    const nodes = [...this.#nodes.values()].reduce((sum, { size }) => sum + size, 0)
    this.#alerts.emit({ type: 'dht-ready', nodes })
  }

  /** What cannot be saved is found anew next time. */
  async #save(): Promise<void> {
    const { state } = this.#ports
    const known = [...this.#nodes].filter(([, { size }]) => size > 0)
    if (!state || known.length === 0) return
    const nodes = known.map(([family, node]) => [family, { id: node.id, contacts: node.contacts() }] as const)
    try {
      await state.replace(null, STATE_NAME, encodeSavedNodes(new Map(nodes)))
    } catch (error) {
      if (!(error instanceof BitTorrentError)) throw error
      this.#fail(error)
    }
  }
}
