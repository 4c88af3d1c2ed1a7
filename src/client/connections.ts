import { type Address, formatAddress, hostFromBytes, scopeOf } from '../core/address.ts'
import { equalBytes, formatHex } from '../core/bytes.ts'
import { type BitTorrentError, ProtocolError } from '../core/errors.ts'
import type { StreamNetwork, StreamSocket } from '../core/ports.ts'
import type { ExtentPool } from '../swarm/extent-pool.ts'
import type { PeerEvent } from '../wire/peer-event.ts'
import { PeerWire } from '../wire/peer-wire.ts'
import type { AddressFilter } from './address-filter.ts'
import type { AlertStream } from './alert-stream.ts'
import { DialLine } from './dial-line.ts'
import { isForgotten, refuseForgotten } from './keep-private.ts'
import { CLIENT_LIMITS } from './limits.ts'
import { makeWay } from './make-way.ts'
import { heedPeer } from './peer-events.ts'
import type { SessionDht } from './session-dht.ts'
import { type PeerDoor, PeerSession, type Told } from './peer-session.ts'
import type { TorrentPeerSession, TorrentTask } from './torrent-task.ts'
import type { Traffic } from './traffic.ts'
import type { Guarded, Turns } from './turns.ts'

/** All connections of a session: who may come in, who is dialled, which of two is kept. */
export class Connections implements PeerDoor<TorrentTask> {
  readonly peerId: Uint8Array
  readonly #network: StreamNetwork
  readonly #turns: Turns
  readonly #pool: ExtentPool
  readonly #alerts: AlertStream
  readonly #traffic: Traffic
  readonly #guard: Guarded
  readonly #filter: AddressFilter
  readonly #homeOf: (swarmKey: string) => TorrentTask | null
  readonly #seenAt: (peer: string, host: string) => void
  /** Bounded by `connections`, and the strangers among them by `pendingHandshakes`. */
  readonly #open = new Set<TorrentPeerSession>()
  /** Incoming ones that have not said what they are about, oldest first. Bounded by `pendingHandshakes`. */
  readonly #strangers = new Set<TorrentPeerSession>()
  readonly #line: DialLine<TorrentTask>
  readonly #dht: SessionDht | null
  readonly #dhtPort: () => number

  constructor(options: {
    peerId: Uint8Array
    network: StreamNetwork
    turns: Turns
    pool: ExtentPool
    alerts: AlertStream
    traffic: Traffic
    guard: Guarded
    homeOf: (swarmKey: string) => TorrentTask | null
    /** Hears where peers say that they see us. */
    seenAt: (peer: string, host: string) => void
    filter: AddressFilter
    dht: SessionDht | null
    /** The UDP port of our node. */
    dhtPort: () => number
  }) {
    this.peerId = options.peerId
    this.#network = options.network
    this.#turns = options.turns
    this.#pool = options.pool
    this.#alerts = options.alerts
    this.#traffic = options.traffic
    this.#guard = options.guard
    this.#homeOf = options.homeOf
    this.#seenAt = options.seenAt
    this.#filter = options.filter
    this.#dht = options.dht
    this.#dhtPort = options.dhtPort
    this.#line = new DialLine({ isFull: () => this.#isFull, turns: options.turns })
  }

  get count(): number {
    return this.#open.size
  }

  mayDial(home: TorrentTask): boolean {
    const isNew = !this.#line.isWaiting(home)
    if (this.#line.mayDial(home)) return true
    if (isNew && this.#isFull) makeWay(this.#open, home, this.#turns.now())
    return false
  }

  isWaiting(home: TorrentTask): boolean {
    return this.#line.isWaiting(home)
  }

  /** How many have said what they are about. */
  get #known(): number {
    return this.#open.size - this.#strangers.size
  }

  get #isFull(): boolean {
    return this.#known + this.#line.count >= CLIENT_LIMITS.connections
  }

  /** Someone connected to us. Whether there is a place is known when it says which torrent it is about. */
  accept(socket: StreamSocket): void {
    this.#turns.enter(this.#guard, now => {
      const { host } = socket.remote
      if (this.#filter.refuses(host) || this.#fromHost(host) >= CLIENT_LIMITS.connectionsPerHost) {
        socket.destroy()
        return
      }
      if (this.#strangers.size >= CLIENT_LIMITS.pendingHandshakes) this.#closeOldestStranger()
      const wire = new PeerWire({ role: 'acceptor', peerId: this.peerId, now })
      this.#strangers.add(this.#begin(socket, wire, socket.remote, true, now))
    })
  }

  /** The IP filter is another one. */
  closeBlocked(): void {
    for (const peer of [...this.#open]) {
      if (this.#filter.blocks(peer.address.host))
        peer.close(
          new ProtocolError('peer-blocked', 'the IP filter has this address', { severity: 'ignore' }),
        )
    }
  }

  /** Connects to a peer of a torrent; what comes of it the torrent's peer book is told. */
  dial(home: TorrentTask, to: Address, expectedPeerId: Uint8Array | null): void {
    this.#line.began(home)
    const dialledAt = this.#turns.now()
    home.book.dialing(to, dialledAt)
    this.#network.dial(to, { signal: home.signal }).then(
      socket =>
        this.#turns.enter(home, () => {
          if (home.signal.aborted || isForgotten(home, to) || this.#filter.blocks(to.host)) {
            this.#dialled(home)
            socket.destroy()
            return
          }
          // Until the torrent is awake it counts as being opened.
          home.whenAwake({
            ready: at => {
              this.#line.ended(home)
              this.#greet(home, socket, to, { expectedPeerId, dialledAt, now: at })
              this.#line.serve()
            },
            refused: () => {
              this.#dialled(home)
              socket.destroy()
              // It answered; that we cannot serve it is no failure of its own.
              home.book.disconnected(to, this.#turns.now(), { wasUseful: true })
              this.#turns.heed(home)
            },
          })
        }),
      () =>
        this.#turns.enter(home, now => {
          home.book.dialFailed(to, now)
          this.#dialled(home)
          home.connectMore(now)
        }),
    )
  }

  /** Nothing came of it: the place is free for whose turn it is. */
  #dialled(home: TorrentTask): void {
    this.#line.ended(home)
    this.#line.serve()
  }

  /** The torrent is awake, and says which it is. */
  #greet(
    home: TorrentTask,
    socket: StreamSocket,
    to: Address,
    call: { expectedPeerId: Uint8Array | null; dialledAt: number; now: number },
  ): void {
    const { expectedPeerId, dialledAt, now } = call
    const greeting = home.greeter.greeting(to, expectedPeerId)
    const wire = new PeerWire({ role: 'initiator', peerId: this.peerId, now, ...greeting })
    const peer = this.#begin(socket, wire, to, false, dialledAt)
    peer.home = home
    this.#traffic.join(peer.accounts, home.channels)
    // It is to stay awake until the handshake is answered.
    home.rest?.stirred(now)
  }

  shaken(peer: TorrentPeerSession, handshake: Extract<PeerEvent, { type: 'handshake' }>, now: number): void {
    const home = peer.home ?? this.#homeOf(formatHex(handshake.infoHash))
    if (!home || home.state === 'failed') {
      throw new ProtocolError(
        'info-hash-unknown',
        `${formatAddress(peer.address)} asks for a torrent that is not here`,
      )
    }
    if (equalBytes(handshake.peerId, this.peerId)) {
      // Only the end that dialled knows the address to avoid: it has to be answered.
      if (peer.isIncoming) peer.wire.accept(home.greeter.welcome(peer.address, handshake))
      else home.book.markSelf(peer.address)
      throw new ProtocolError('peer-is-self', 'the connection leads back to this program', {
        severity: 'ignore',
      })
    }
    if (home.isPaused)
      throw new ProtocolError('torrent-paused', 'the torrent is paused', { severity: 'ignore' })
    if (!peer.isIncoming) refuseForgotten(home, peer.address)
    if (home.banned.has(peer.address, handshake.peerId)) {
      throw new ProtocolError(
        'peer-banned',
        `${formatAddress(peer.address)} was cut off before for sending wrong data`,
      )
    }
    if (home.rest && !home.rest.isAwake) {
      home.whenAwake({
        ready: () =>
          this.#turns.enter(peer, at => {
            if (!peer.isClosed) this.shaken(peer, handshake, at)
          }),
        refused: error => peer.close(error),
      })
      return
    }
    this.#strangers.delete(peer)
    this.#keepOneOfTwo(peer, home.peerWithId(handshake.peerId), handshake.peerId)
    if (hasNoPlaceFor(peer, home)) this.#makePlace(home, now)
    if (hasNoPlaceFor(peer, home))
      throw new ProtocolError('torrent-full', 'the torrent has as many peers as it may', {
        severity: 'ignore',
      })
    if (peer.isIncoming) {
      if (this.#known > CLIENT_LIMITS.connections) makeWay(this.#open, home, now)
      if (this.#known > CLIENT_LIMITS.connections)
        throw new ProtocolError('session-full', 'the session has as many peers as it may', {
          severity: 'ignore',
        })
      peer.wire.accept(home.greeter.welcome(peer.address, handshake))
    }
    this.#traffic.join(peer.accounts, home.channels)
    home.joined(peer, handshake, now)
    if (!home.isPrivate && this.#dht?.speaks(peer.address.family)) peer.wire.port(this.#dhtPort())
  }

  gone(peer: TorrentPeerSession, reason: BitTorrentError | null, now: number): void {
    this.#open.delete(peer)
    this.#strangers.delete(peer)
    this.#line.serve()
    peer.home?.gone(peer, reason, now)
    this.#traffic.close(peer.accounts)
    this.#alerts.emit({
      type: 'peer-disconnected',
      torrent: peer.home?.id ?? null,
      address: peer.address,
      reason: reason?.code ?? 'closed',
      message: reason?.message ?? 'the other side closed the connection',
    })
  }

  told(peer: TorrentPeerSession, event: Told, now: number): void {
    if (event.type === 'extended-handshake' && event.yourIp)
      this.#seenAt(peer.address.host, hostFromBytes(event.yourIp))
    if (event.type === 'port' && !peer.home?.isPrivate)
      this.#dht?.heardOf({ ...peer.address, port: event.port }, now)
    heedPeer(peer, event, now)
  }

  closeAll(): void {
    for (const peer of this.#open) peer.close(null)
  }

  #begin(
    socket: StreamSocket,
    wire: PeerWire,
    address: Address,
    isIncoming: boolean,
    openedAt: number,
  ): TorrentPeerSession {
    const peer = new PeerSession<TorrentTask>({
      socket,
      wire,
      address,
      isIncoming,
      openedAt,
      turns: this.#turns,
      door: this,
      pool: this.#pool,
      traffic: this.#traffic,
    })
    this.#open.add(peer)
    peer.start()
    return peer
  }

  /**
   * A second connection to the same peer is closed. Where each side began one before the other's was accepted, both
   * must close the same: the one that the side with the higher peer id opened.
   */
  #keepOneOfTwo(peer: TorrentPeerSession, twin: TorrentPeerSession | null, theirId: Uint8Array): void {
    if (!twin) return
    const duplicate = new ProtocolError('peer-duplicate', 'there is a connection to this peer already', {
      severity: 'ignore',
    })
    const isSimultaneous = twin.isIncoming !== peer.isIncoming && peer.openedAt <= twin.joinedAt
    if (!isSimultaneous) throw duplicate
    const ours = formatHex(this.peerId)
    const theirs = formatHex(theirId)
    const isOpenedByLower = peer.isIncoming ? theirs < ours : ours < theirs
    if (!isOpenedByLower) throw duplicate
    twin.close(duplicate)
  }

  /** A peer that is of no use goes. */
  #makePlace(home: TorrentTask, now: number): void {
    const { torrent } = home
    if (!torrent) return
    // Where there is place but for those who come by themselves, one of them has to go.
    const peers = home.isFull ? torrent.peers : incomersOf(home).flatMap(({ peer }) => peer ?? [])
    const crowd = { peers, isComplete: torrent.isComplete }
    const outdone = home.turnover.makesPlace(crowd, now, ({ address: at }) => home.book.priorityOf(at))
    outdone?.close(
      new ProtocolError('peer-outdone', 'another may be of more use, and the torrent is full', {
        severity: 'ignore',
      }),
    )
  }

  /** Of this machine there may be any number: they are the user's own programs. */
  #fromHost(host: string): number {
    if (scopeOf(host) === 'loopback') return 0
    let count = 0
    for (const peer of this.#open) if (peer.address.host === host) count++
    return count
  }

  #closeOldestStranger(): void {
    const [oldest] = this.#strangers
    oldest?.close(
      new ProtocolError('handshake-crowded-out', 'too many connections that do not say what they want'),
    )
  }
}

/**
 * While a torrent has something to fetch, some places are for peers that it dials: else whoever comes first, and in
 * numbers, shuts it off from all others.
 */
function hasNoPlaceFor(peer: TorrentPeerSession, home: TorrentTask): boolean {
  if (home.isFull) return true
  if (!peer.isIncoming || home.isComplete) return false
  return incomersOf(home).length >= CLIENT_LIMITS.incomingPerTorrent
}

function incomersOf(home: TorrentTask): TorrentPeerSession[] {
  return [...home.peers].filter(({ isIncoming }) => isIncoming)
}
