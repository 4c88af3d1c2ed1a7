import type { Address } from '../core/address.ts'
import type { DatagramReceiver } from '../core/ports.ts'
import { ExternalAddress } from '../swarm/external-address.ts'
import type { ExtentPool } from '../swarm/extent-pool.ts'
import type { PortMapping } from '../portmap/port-mapping.ts'
import type { AddressFilter } from './address-filter.ts'
import type { AlertStream } from './alert-stream.ts'
import { Connections } from './connections.ts'
import type { DatagramUser } from './datagram-user.ts'
import { PortMappings } from './port-mappings.ts'
import { LocalDiscovery } from './local-discovery.ts'
import { PeerFinders } from './peer-finders.ts'
import { SessionDatagrams } from './session-datagrams.ts'
import { SessionDht } from './session-dht.ts'
import { type SessionListener, SessionListeners } from './session-listeners.ts'
import type { FindingOptions } from './session-options.ts'
import type { SessionPorts, TrackerClient } from './session-ports.ts'
import type { TorrentTask } from './torrent-task.ts'
import { TrackerClients } from './tracker-clients.ts'
import type { Traffic } from './traffic.ts'
import type { Guarded, Turns } from './turns.ts'
import { UdpTrackers } from './udp-trackers.ts'
import type { WaitOptions } from './wait-options.ts'

/** How a session is connected to the world: where it listens, whom it is connected to, who hears of its datagrams. */
export class SessionNetwork {
  readonly connections: Connections
  readonly trackers: TrackerClient
  readonly finders: PeerFinders
  /** Null where it is switched off. */
  readonly dht: SessionDht | null
  readonly #turns: Turns
  readonly #guard: Guarded
  readonly #listeners: SessionListeners
  readonly #datagrams: SessionDatagrams
  readonly #mappings: PortMappings
  readonly #local: LocalDiscovery | null
  readonly #alerts: AlertStream
  readonly #external = new ExternalAddress()
  /** What comes over UDP is for the first of them that knows it. */
  readonly #users: readonly DatagramUser[]

  constructor(options: {
    ports: SessionPorts
    peerId: Uint8Array
    turns: Turns
    pool: ExtentPool
    alerts: AlertStream
    traffic: Traffic
    /** What goes wrong outside of any torrent. */
    guard: Guarded
    homeOf: (swarmKey: string) => TorrentTask | null
    finding: FindingOptions
    filter: AddressFilter
  }) {
    const { ports, turns, alerts, guard, finding } = options
    const fail = (error: unknown): void => guard.fail(error, turns.now())
    this.#turns = turns
    this.#guard = guard
    this.#alerts = alerts
    const seenAt = (voter: string, host: string): void => this.#seenAt(host, this.#external.vote(voter, host))
    const receive: DatagramReceiver = (datagram, from) => this.#received(datagram, from)
    this.#datagrams = new SessionDatagrams({ network: ports.datagrams, receive })
    this.#listeners = new SessionListeners({
      streams: ports.network,
      network: ports.datagrams,
      datagrams: this.#datagrams,
      receive,
      alerts,
      accept: socket => this.connections.accept(socket),
      changed: places => this.#mappings.listening(places),
    })
    this.#mappings = new PortMappings({
      ports,
      turns,
      alerts,
      fail,
      seenAt: (gateway, host) => this.#seenAt(host, this.#external.routerSays(gateway, host)),
    })
    const udpTrackers = new UdpTrackers({
      datagrams: this.#datagrams,
      resolve: (host, port) => ports.resolve(host, port),
      secrets: ports.secrets,
      turns,
      fail,
    })
    this.dht = finding.dht
      ? new SessionDht({
          ports,
          datagrams: this.#datagrams,
          turns,
          alerts,
          listenPort: () => this.port,
          dht: finding.dht,
          fail,
        })
      : null
    this.connections = new Connections({
      ...options,
      network: ports.network,
      seenAt,
      dht: this.dht,
      dhtPort: () => this.port,
    })
    this.trackers = new TrackerClients({ udp: udpTrackers, http: ports.trackers, seenAt })
    this.#users = [...(this.dht ? [this.dht] : []), udpTrackers]
    this.#local = (finding.lsd ?? true) ? this.#localDiscovery(options) : null
    this.finders = new PeerFinders([this.#local, this.dht].filter(finder => finder !== null))
  }

  /** Where peers can reach us: the addresses and ports that were really bound. */
  get listening(): readonly Address[] {
    return this.#listeners.places
  }

  /** What the world is told: the port of a router where one forwards ours. */
  get port(): number {
    return this.#mappings.externalPort(this.#listeners.port)
  }

  get mappings(): readonly PortMapping[] {
    return this.#mappings.all
  }

  /** Where the world sees us, of each family that is known. */
  get externalHosts(): readonly string[] {
    return ([4, 6] as const).flatMap(family => this.#external.host(family) ?? [])
  }

  async listen(at: Address, options: WaitOptions): Promise<SessionListener> {
    const listener = await this.#listeners.listen(at, options)
    void this.dht?.start()
    return listener
  }

  /** From now on nobody comes in, and nothing is opened any more. What is said over UDP goes on. */
  async stopAccepting(): Promise<void> {
    await Promise.all([this.#listeners.stopAccepting(), this.#mappings.close()])
  }

  async closeAll(): Promise<void> {
    await this.dht?.close()
    await Promise.all([this.#listeners.closeAll(), this.#datagrams.close(), this.#local?.close()])
  }

  #localDiscovery(session: { ports: SessionPorts; turns: Turns; guard: Guarded }): LocalDiscovery {
    const { ports, turns, guard } = session
    return new LocalDiscovery({
      groups: ports.groups,
      places: () => this.listening,
      // Not the one at a router: who hears it is on this side.
      port: () => this.#listeners.port,
      secrets: ports.secrets,
      turns,
      guard,
    })
  }

  #seenAt(host: string, isNews: boolean): void {
    if (isNews) this.#turns.enter(this.#guard, () => this.#alerts.emit({ type: 'external-address', host }))
  }

  /** What nobody knows is dropped. */
  #received(datagram: Uint8Array, from: Address): void {
    this.#turns.enter(this.#guard, now => {
      for (const user of this.#users) if (user.received(datagram, from, now)) return
    })
  }
}
