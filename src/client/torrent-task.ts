import { type Address, address, type Family } from '../core/address.ts'
import { formatHex } from '../core/bytes.ts'
import { type BitTorrentError, ProtocolError } from '../core/errors.ts'
import type { InfoHashes, TorrentId } from '../core/ids.ts'
import type { TorrentFile } from '../metainfo/torrent-file.ts'
import type { TorrentStorage } from '../storage/torrent-storage.ts'
import { PayloadTally } from '../swarm/payload-tally.ts'
import type { BlockSource } from '../swarm/block-source.ts'
import { GOSSIP, type PeerBook, type PeerSource } from '../swarm/peer-book.ts'
import { SwarmPeer } from '../swarm/swarm-peer.ts'
import type { PieceFailure } from '../swarm/torrent-pieces.ts'
import type { Torrent } from '../swarm/torrent.ts'
import type { TorrentEvents } from '../swarm/torrent-events.ts'
import { Turnover } from '../swarm/turnover.ts'
import { UT_PEX } from '../wire/extension.ts'
import type { PeerEvent } from '../wire/peer-event.ts'
import type { AlertStream } from './alert-stream.ts'
import { Announcers } from './announcers.ts'
import { BannedPeers } from './banned-peers.ts'
import type { Dialer } from './dialer.ts'
import { endInOrder } from './end-in-order.ts'
import { Greeter } from './greeter.ts'
import type { HashAnswers } from './hash-answers.ts'
import { HashQueries } from './hash-queries.ts'
import { introducePeer } from './introduce-peer.ts'
import { knownFault } from './known-fault.ts'
import { CLIENT_LIMITS } from './limits.ts'
import type { MagnetFetch } from './magnet-fetch.ts'
import { PeerExchange } from './peer-exchange.ts'
import type { PeerHome, PeerSession } from './peer-session.ts'
import type { RunningParts } from './running-parts.ts'
import type { DiskOwner, EarlierPayload } from './torrent-disk.ts'
import type { TorrentRecord } from './torrent-record.ts'
import { MovingFigures } from './moving-figures.ts'
import type { NamedPeer } from './named-peer.ts'
import type { Caller, TorrentRest } from './torrent-rest.ts'
import type { RecheckProgress, TorrentState } from './torrent-status.ts'
import type { FindingOptions, Limits } from './session-options.ts'
import type { TorrentChannels, Traffic } from './traffic.ts'
import type { Timed, Turns } from './turns.ts'
import { quietWaiter, type Waiter } from './waiter.ts'

export type TorrentPeerSession = PeerSession<TorrentTask>

/** Else there is nothing to meet others for, or not yet. */
const MAY_DIAL: ReadonlySet<TorrentState> = new Set(['fetching-metadata', 'downloading', 'seeding'])

/**
 * One torrent in a session, from its first name to its end: who is connected for it, what is known of it, and what
 * becomes of it. The swarm decides what is fetched; `torrent-life.ts` leads from one state to the next.
 */
export class TorrentTask implements PeerHome, Timed, TorrentEvents, DiskOwner {
  readonly id: TorrentId
  /** All that are known; a magnet may have named only one of two. */
  hashes: InfoHashes
  readonly book: PeerBook
  readonly banned: BannedPeers
  readonly greeter: Greeter
  readonly exchange: PeerExchange
  readonly turnover = new Turnover<SwarmPeer>()
  /** Since the session began. */
  readonly tally = new PayloadTally()
  readonly announcers = new Announcers()
  /** By its user or the queue: it meets nobody. `isQueued`: by the queue alone. */
  isPaused = false
  isQueued = false
  /** Work that it has to be awake for; see `whileAwake`. */
  errands = 0
  name: string
  state: TorrentState = 'stopped'
  error: BitTorrentError | null = null
  checkedPieces = 0
  recheck: RecheckProgress | null = null
  magnetFetch: MagnetFetch | null = null
  /** Asks for v2 hashes that the metadata left out, or that are to name a liar. */
  hashQueries: HashQueries | null = null
  /** Null until the metadata is there and what is on disk has been judged, and while the torrent rests. */
  parts: RunningParts | null = null
  /** What is left of them meanwhile. */
  record: TorrentRecord | null = null
  /** Null until it is known, and while the torrent rests. */
  metadata: TorrentFile | null = null
  /** BEP 27: only its trackers name peers. Of a magnet it is not known before its metadata. */
  isPrivate = false
  /** What can be said of the content as soon as the metadata was known, at any time. */
  outline: { readonly pieces: number; readonly contentLength: number } | null = null
  /** Null until the torrent runs for the first time. */
  rest: TorrentRest | null = null
  earlier: EarlierPayload | null = null
  /** Settles when the torrent runs, or will not; never rejects. */
  beginning: Promise<void> = Promise.resolve()
  readonly onMetadata: Waiter = quietWaiter()
  readonly onChecked: Waiter = quietWaiter()
  /** Another one where other files are chosen. */
  onCompleted: Waiter = quietWaiter()
  readonly turns: Turns
  readonly #traffic: Traffic
  readonly channels: TorrentChannels
  readonly #alerts: AlertStream
  readonly #dialer: Dialer<TorrentTask>
  /** Something of its status is new. */
  readonly markChanged: () => void
  readonly #abort = new AbortController()
  /** By the peer id's hex. Bounded by `connectionsPerTorrent`. */
  readonly #peers = new Map<string, TorrentPeerSession>()
  readonly #figures = new MovingFigures()

  constructor(options: {
    id: TorrentId
    hashes: InfoHashes
    name: string
    book: PeerBook
    turns: Turns
    traffic: Traffic
    limits: { download: number; upload: number }
    alerts: AlertStream
    dialer: Dialer<TorrentTask>
    finding: FindingOptions
    /** Whether peers of this family are told of our node in the DHT. */
    hasDht: (family: Family) => boolean
    listenPort: () => number
    markChanged: () => void
  }) {
    this.id = options.id
    this.hashes = options.hashes
    this.name = options.name
    this.book = options.book
    this.banned = new BannedPeers(options.book)
    this.greeter = new Greeter({
      hashes: options.hashes,
      facts: () => ({
        info: this.metadata?.info ?? null,
        isComplete: this.isComplete && !this.torrent?.isSuperSeeding,
        listenPort: options.listenPort(),
        hasDht: family => !this.isPrivate && options.hasDht(family),
        extensions: this.exchange.isOffered ? [UT_PEX] : [],
      }),
    })
    const { turns, listenPort, finding } = options
    this.exchange = new PeerExchange({ home: this, turns, listenPort, isOn: finding.pex ?? true })
    this.turns = options.turns
    this.#traffic = options.traffic
    this.channels = options.traffic.channels(options.limits)
    this.#alerts = options.alerts
    this.#dialer = options.dialer
    this.markChanged = options.markChanged
  }

  setLimits(limits: Limits): void {
    this.#traffic.setTorrentLimits(this.channels, limits)
  }

  get torrent(): Torrent | null {
    return this.parts?.torrent ?? null
  }

  get storage(): TorrentStorage | null {
    return this.parts?.storage ?? null
  }

  get hashAnswers(): HashAnswers | null {
    return this.parts?.hashAnswers ?? null
  }

  /** Says how far the torrent is, also while it rests. */
  get standing(): Torrent | TorrentRecord | null {
    return this.torrent ?? this.record
  }

  get isComplete(): boolean {
    return this.standing?.isComplete ?? false
  }

  get hasFailed(): boolean {
    return this.state === 'failed'
  }

  get peers(): Iterable<TorrentPeerSession> {
    return this.#peers.values()
  }

  get peerCount(): number {
    return this.#peers.size
  }

  get isFull(): boolean {
    return this.#peers.size >= CLIENT_LIMITS.connectionsPerTorrent
  }

  /** Aborted when the torrent leaves the session. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  peerWithId(peerId: Uint8Array): TorrentPeerSession | null {
    return this.#peers.get(formatHex(peerId)) ?? null
  }

  /** Nobody is connected, and nothing is under way: there is nothing to be awake for. */
  get mayRest(): boolean {
    if (this.#peers.size > 0 || this.errands > 0 || this.error || this.signal.aborted) return false
    if (this.state !== (this.isComplete ? 'seeding' : 'downloading') || !this.parts) return false
    return this.parts.torrent.pieces.isQuiet && this.parts.disk.isQuiet
  }

  // Metadata and parts.

  learnt(metadata: TorrentFile): void {
    const { geometry, name, isPrivate } = metadata.info
    this.name = name
    this.isPrivate = isPrivate
    this.metadata = metadata
    this.outline = { pieces: geometry.pieceCount, contentLength: geometry.contentLength }
  }

  /** What is on disk has been judged: the torrent has its parts, for the first time or after a rest. */
  run(parts: RunningParts, now: number): void {
    const { info } = parts.metadata
    this.parts = parts
    this.metadata = parts.metadata
    this.record = null
    this.hashQueries ??= new HashQueries({ info, hashes: parts.hashes, layersCame: () => undefined })
    // A hybrid's v1 hashes are enough to begin with; its layers judge as well from when they come.
    if (!parts.hashes.isComplete) this.hashQueries.wantLayers(now)
    if (this.error) this.recovered()
    this.hasLost()
    this.exchange.contactsChanged()
    // What lacked was put there while the torrent rested.
    if (this.state === 'downloading' && this.isComplete) this.completed()
  }

  /** Calls `ready` when the torrent has its parts; at once where it does not rest. */
  whenAwake(caller: Caller): void {
    if (this.rest) this.rest.whenAwake(caller)
    else caller.ready(this.turns.now())
  }

  // Finding and meeting peers.

  /** Addresses where the torrent may be had. `isV2`: the v2 swarm of a hybrid named them. */
  found(peers: Iterable<NamedPeer>, source: PeerSource, now: number, isV2 = false): void {
    if (this.isPrivate && GOSSIP.has(source)) return
    for (const peer of peers) {
      this.greeter.named(peer.address, { isV2, isNew: !this.book.knows(peer.address) })
      this.book.add(peer.address, source, now, peer)
    }
    this.connectMore(now)
  }

  get #mayDial(): boolean {
    return MAY_DIAL.has(this.state) && !this.isPaused
  }

  /** Dials as many as are wanted and allowed. */
  connectMore(now: number): void {
    if (this.signal.aborted || !this.#mayDial) return
    while ((!this.isFull || this.turnover.mayTry(this.torrent, now)) && this.#dialer.mayDial(this)) {
      const known = this.book.next(now, { skipSeeds: this.isComplete })
      if (!known) break
      this.#dialer.dial(this, known.address, known.peerId)
    }
    this.turns.heed(this)
  }

  joined(peer: TorrentPeerSession, handshake: Extract<PeerEvent, { type: 'handshake' }>, now: number): void {
    this.#peers.set(formatHex(handshake.peerId), peer)
    peer.joinedAt = now
    peer.home = this
    if (!peer.isIncoming) this.book.connected(peer.address, now)
    if (this.parts) introducePeer(peer, this.parts, now)
    this.exchange.contactsChanged()
    this.turns.heed(this)
    this.hashQueries?.offered(peer, now)
    this.#alerts.emit({
      type: 'peer-connected',
      torrent: this.id,
      address: peer.address,
      client: peer.wire.clientName ?? 'unknown',
    })
    this.markChanged()
  }

  gone(peer: TorrentPeerSession, reason: BitTorrentError | null, now: number): void {
    const peerId = peer.wire.remotePeerId
    if (peerId && this.peerWithId(peerId) === peer) this.#peers.delete(formatHex(peerId))
    this.exchange.left(peer)
    this.magnetFetch?.left(peer, now)
    this.hashQueries?.left(peer, now)
    if (peer.peer) this.torrent?.left(peer.peer, now)
    if (peer.listensAt) {
      const wasUseful = reason?.code !== 'peer-outdone' && (peer.peer?.downloadRate.total ?? 0) > 0
      this.book.disconnected(peer.listensAt, now, { wasUseful })
      if (reason?.code === 'both-seeds') this.book.add(peer.listensAt, 'tracker', now, { isSeed: true })
    }
    if (reason instanceof ProtocolError && reason.severity === 'ban' && peerId)
      this.#shutOut(peer.address, peerId, reason)
    this.markChanged()
    this.rest?.stirred(now)
    this.connectMore(now)
  }

  /** Its LTEP handshake says where it listens: worth knowing when it connected to us. */
  peerListens(peer: TorrentPeerSession, port: number): void {
    if (!peer.isIncoming || port === 0) return
    const now = this.turns.now()
    peer.listensAt = address(peer.address.host, port)
    if (this.book.add(peer.listensAt, 'incoming', now)) this.book.connected(peer.listensAt, now)
  }

  // What the swarm reports (TorrentEvents).

  pieceVerified(piece: number): void {
    this.hashQueries?.needNoLeaves(piece)
    this.#alerts.emit({ type: 'piece-verified', torrent: this.id, piece })
    this.markChanged()
  }

  /** In v2 others are asked for the leaf hashes of the piece: they name the one who lied. */
  pieceFailed(piece: number, suspects: PieceFailure | null): void {
    this.#alerts.emit({ type: 'piece-failed', torrent: this.id, piece })
    if (!suspects?.leaves) return
    const { sources, leaves } = suspects
    const tell = (right: Uint8Array): void => this.torrent?.leavesCame(piece, { sources, leaves }, right)
    this.hashQueries?.wantLeaves(piece, tell, this.turns.now())
  }

  completed(): void {
    void this.#complete()
  }

  blocked(error: BitTorrentError): void {
    this.error = error
    this.#alerts.emit({ type: 'torrent-error', torrent: this.id, error, isWaiting: true })
    this.markChanged()
    this.turns.heed(this)
  }

  recovered(): void {
    this.error = null
    this.#alerts.emit({ type: 'torrent-recovered', torrent: this.id })
    this.markChanged()
  }

  awake(): void {
    this.turns.heed(this)
  }

  hasLost(): void {
    if (this.state === 'seeding' && !this.isComplete) this.state = 'downloading'
    this.markChanged()
  }

  contradictory(error: BitTorrentError): void {
    this.fail(error)
  }

  caught(source: BlockSource, error: BitTorrentError): void {
    if (source instanceof SwarmPeer) this.#shutOut(source.address, source.peerId, error)
  }

  /** What we were about to serve is not on disk any more. */
  readFailed(piece: number, error: unknown): void {
    this.parts?.disk.readFailed(piece, error)
  }

  // Time.

  tick(now: number): void {
    this.torrent?.tick(now)
    this.magnetFetch?.tick(now)
    this.hashQueries?.tick(now)
    this.parts?.disk.tick(now)
    if (this.#figures.isNew(this.tally, now)) this.markChanged()
    this.connectMore(now)
  }

  deadline(): number {
    if (this.signal.aborted || this.state === 'stopped' || this.state === 'failed')
      return Number.POSITIVE_INFINITY
    return Math.min(
      this.torrent?.deadline() ?? Number.POSITIVE_INFINITY,
      this.magnetFetch?.deadline() ?? Number.POSITIVE_INFINITY,
      this.hashQueries?.deadline() ?? Number.POSITIVE_INFINITY,
      this.parts?.disk.deadline() ?? Number.POSITIVE_INFINITY,
      this.#figures.deadline,
      this.#mayDial && !this.#dialer.isWaiting(this)
        ? Math.max(
            this.book.deadline({ skipSeeds: this.isComplete }),
            this.isFull ? this.turnover.deadline : 0,
          )
        : Number.POSITIVE_INFINITY,
    )
  }

  /** Whatever was thrown in here ends this torrent, and no other. */
  fail(error: unknown): void {
    if (this.state === 'failed' || this.signal.aborted) return
    const known = knownFault(error)
    this.state = 'failed'
    this.error = known
    for (const waiter of [this.onMetadata, this.onChecked, this.onCompleted]) waiter.reject(known)
    this.#alerts.emit({ type: 'torrent-error', torrent: this.id, error: known, isWaiting: false })
    for (const peer of [...this.#peers.values()]) peer.close(known)
    this.torrent?.close()
    void this.announcers.stop(this.turns.now(), this.signal)
    void this.rest?.end(known)
    this.markChanged()
  }

  /** Leaves the swarm: connections end, trackers are told (until the signal aborts), data and state reach the disk. */
  async leave(reason: BitTorrentError, signal: AbortSignal): Promise<void> {
    if (this.state !== 'failed') this.state = 'stopped'
    this.#abort.abort(reason)
    this.turns.forget(this)
    for (const waiter of [this.onMetadata, this.onChecked, this.onCompleted]) waiter.reject(reason)
    this.turns.enter(this, () => {
      for (const peer of [...this.#peers.values()]) peer.close(reason)
      this.torrent?.close()
    })
    const stops = [this.announcers.stop(this.turns.now(), signal)]
    const underWay = Promise.all([this.beginning, this.rest?.end(reason)])
    await endInOrder({ underWay, stops, close: () => this.parts?.disk.close(), patience: signal })
  }

  #shutOut(at: Address, peerId: Uint8Array, { message }: BitTorrentError): void {
    if (this.banned.add(at, peerId))
      this.#alerts.emit({ type: 'peer-banned', torrent: this.id, address: at, message })
  }

  async #complete(): Promise<void> {
    await this.parts?.disk.commit()
    await this.parts?.disk.settle()
    this.turns.enter(this, now => {
      // What a failed sync left in doubt is not had any more: it is fetched again, and completes again.
      if (this.state !== 'downloading' || !this.torrent?.isComplete) return
      this.state = 'seeding'
      if (this.error) this.recovered()
      this.announcers.complete(now)
      this.#alerts.emit({ type: 'completed', torrent: this.id })
      this.onCompleted.resolve()
      this.markChanged()
    })
  }
}
