import type { Address } from '../core/address.ts'
import { BitTorrentError, ProtocolError } from '../core/errors.ts'
import type { Sink } from '../core/machine.ts'
import type { StreamSocket } from '../core/ports.ts'
import type { PeerLink } from '../swarm/peer-link.ts'
import type { ExtentPool } from '../swarm/extent-pool.ts'
import type { SwarmPeer } from '../swarm/swarm-peer.ts'
import type { BlockPlace } from '../swarm/block-place.ts'
import type { Torrent } from '../swarm/torrent.ts'
import type { HashRequest } from '../wire/hash-request.ts'
import type { PeerEvent } from '../wire/peer-event.ts'
import type { PeerWire } from '../wire/peer-wire.ts'
import type { PeerOutput } from '../wire/wire-encoder.ts'
import type { TorrentStorage } from '../storage/torrent-storage.ts'
import type { Flushed, Guarded, Timed, Turns } from './turns.ts'
import type { ConnectionAccounts, Traffic } from './traffic.ts'
import { Uploader } from './uploader.ts'

/** The torrent of a connection, as the connection sees it. */
export interface PeerHome extends Guarded {
  /** Null until the metadata is there and what is on disk has been judged. */
  readonly torrent: Torrent | null
  readonly storage: TorrentStorage | null
  /** A verified piece could not be read: its file is gone, cut short, or the disk fails. */
  readFailed(piece: number, error: unknown): void
}

/** Who decides to which torrent a connection belongs. */
export interface PeerDoor<H extends PeerHome> {
  /**
   * The other side has said which swarm it means and who it is. Gives the connection a home, or throws the
   * `ProtocolError` it is to be closed with.
   */
  shaken(peer: PeerSession<H>, handshake: Extract<PeerEvent, { type: 'handshake' }>, now: number): void
  /** The last that is heard of it. */
  gone(peer: PeerSession<H>, reason: BitTorrentError | null, now: number): void
  /** Everything else that it says, but for blocks. */
  told(peer: PeerSession<H>, event: Told, now: number): void
}

export type Told = Exclude<PeerEvent, { type: 'handshake' | 'block-start' | 'block-data' | 'block-end' }>

/**
 * One connection: the only loop that drives a peer. Bytes go into the wire and its events to the torrent; what the
 * torrent decides is queued in the wire and goes out at the end of the turn.
 */
export class PeerSession<H extends PeerHome = PeerHome> implements PeerLink, Timed, Flushed {
  readonly wire: PeerWire
  readonly address: Address
  readonly isIncoming: boolean
  /** When it was dialled, or came in. */
  readonly openedAt: number
  /** When its handshake was accepted. */
  joinedAt = Number.POSITIVE_INFINITY
  /** Where it can be dialled: what we dialled, or what it says of itself. */
  listensAt: Address | null
  /** The torrent it is about, once the handshake has said so. */
  home: H | null = null
  /** What the swarm knows of it, once there is metadata. */
  peer: SwarmPeer | null = null
  /** What everything that it carries is charged to, also before it is a peer of a swarm. */
  readonly accounts: ConnectionAccounts
  readonly turns: Turns
  readonly #socket: StreamSocket
  readonly #door: PeerDoor<H>
  readonly #sink: Sink<PeerOutput, PeerEvent>
  readonly #uploader: Uploader
  /** Where the payload that is coming in goes. Null: nowhere. */
  #place: BlockPlace | null = null
  #block = { piece: 0, begin: 0, length: 0 }
  /** The payload that is coming in was asked for, and so its credit was taken. */
  #isAskedFor = false
  /**
   * Bytes beside payload that came in and went out, and are yet to be charged: what goes over the wire counts. The
   * second is negative while payload waits in the wire.
   */
  #overheadIn = 0
  #overheadOut = 0
  #now = 0
  #isClosed = false

  constructor(options: {
    socket: StreamSocket
    wire: PeerWire
    address: Address
    isIncoming: boolean
    openedAt: number
    turns: Turns
    door: PeerDoor<H>
    pool: ExtentPool
    traffic: Pick<Traffic, 'open'>
  }) {
    this.wire = options.wire
    this.address = options.address
    this.isIncoming = options.isIncoming
    this.listensAt = options.isIncoming ? null : options.address
    this.turns = options.turns
    this.openedAt = options.openedAt
    this.#socket = options.socket
    this.#door = options.door
    this.accounts = options.traffic.open(this)
    this.#uploader = new Uploader({ peer: this, pool: options.pool })
    this.#sink = {
      room: () => this.#socket.room(),
      send: output => {
        this.#overheadOut += output.bytes.length
        this.#socket.write(output.bytes, output.taken)
      },
      emit: event => this.#heed(event),
    }
  }

  /** The address of this machine that the peer talks to. */
  get localHost(): string {
    return this.#socket.local.host
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** How many bytes the socket would take now. */
  room(): number {
    return this.#isClosed ? 0 : this.#socket.room()
  }

  /** Begins to listen, and says hello where that is ours to do. */
  start(): void {
    this.#socket.start({
      received: chunk => this.turns.enter(this, now => this.#received(chunk, now)),
      drained: () => this.turns.enter(this, () => this.serve()),
      closed: error => this.turns.enter(this, now => this.#closed(error, now)),
    })
    this.turns.heed(this)
    this.turns.flushLater(this)
  }

  // PeerLink: what the torrent asks.

  choke(): void {
    this.wire.choke()
    this.turns.flushLater(this)
  }

  unchoke(): void {
    this.wire.unchoke()
    this.turns.flushLater(this)
  }

  interested(): void {
    this.wire.interested()
    this.turns.flushLater(this)
  }

  notInterested(): void {
    this.wire.notInterested()
    this.turns.flushLater(this)
  }

  have(piece: number): void {
    this.wire.have(piece)
    this.turns.flushLater(this)
  }

  haveInPassing(piece: number): void {
    this.wire.have(piece)
  }

  dontHave(piece: number): void {
    this.wire.dontHave(piece)
    this.turns.flushLater(this)
  }

  request(piece: number, begin: number, length: number): void {
    this.wire.request(piece, begin, length)
    this.turns.flushLater(this)
  }

  cancel(piece: number, begin: number, length: number): void {
    this.wire.cancel(piece, begin, length)
    this.turns.flushLater(this)
  }

  reject(piece: number, begin: number, length: number): void {
    if (!this.wire.hasFast) return
    this.wire.reject(piece, begin, length)
    this.turns.flushLater(this)
  }

  allowedFast(piece: number): void {
    this.wire.allowedFast(piece)
    this.turns.flushLater(this)
  }

  allowedFastNoMore(piece: number): void {
    this.wire.allowedFastNoMore(piece)
  }

  uploadOnly(isUploadOnly: boolean): void {
    this.wire.uploadOnly(isUploadOnly)
    this.turns.flushLater(this)
  }

  requestMetadata(piece: number): void {
    this.wire.requestMetadata(piece)
    this.turns.flushLater(this)
  }

  requestHashes(request: HashRequest): boolean {
    this.turns.flushLater(this)
    return this.wire.hashRequest(request)
  }

  answerHashes(request: HashRequest, hashes: Uint8Array): void {
    this.wire.hashes(request, hashes)
    this.turns.flushLater(this)
  }

  rejectHashes(request: HashRequest): void {
    this.wire.hashReject(request)
    this.turns.flushLater(this)
  }

  /** A message of an extension, by its name. Nothing is said to who does not speak it. */
  extended(name: string, payload: Uint8Array): void {
    this.wire.extended(name, payload)
    this.turns.flushLater(this)
  }

  serve(): void {
    this.#uploader.isWanted = true
    this.turns.flushLater(this)
  }

  /** Says goodbye where something is left to say, and closes. */
  close(reason: BitTorrentError | null): void {
    if (this.#isClosed) return
    this.turns.enter(this, now => {
      this.#flushWire(now)
      this.#socket.end()
      this.#closed(reason, now)
    })
  }

  /** So much of what the wire has to send is payload, with credit taken for it. */
  payloadQueued(length: number): void {
    this.#overheadOut -= length
  }

  /** There is credit again, after it was refused. */
  creditCame(now: number): void {
    if (this.peer) this.home?.torrent?.downloads.refill(this.peer, now)
    this.serve()
  }

  // Turns.

  tick(now: number): void {
    this.wire.tick(now)
    this.#flushWire(now)
  }

  deadline(): number {
    return this.#isClosed ? Number.POSITIVE_INFINITY : this.wire.deadline()
  }

  flush(now: number): void {
    if (this.#isClosed) return
    if (this.#uploader.isWanted) this.#uploader.serve(now)
    this.#flushWire(now)
  }

  /** A breach of protocol costs the peer its connection; anything else is a fault of ours, and the torrent's. */
  fail(error: unknown, now: number): void {
    const isTheirs = error instanceof BitTorrentError
    if (!isTheirs) this.home?.fail(error, now)
    this.#flushQuietly(now)
    this.#socket.end()
    this.#closed(
      isTheirs
        ? error
        : new ProtocolError('internal-fault', 'a fault of this program ended the connection', {
            cause: error,
          }),
      now,
    )
  }

  #received(chunk: Uint8Array, now: number): void {
    if (this.#isClosed) return
    this.#overheadIn += chunk.length
    this.wire.receive(chunk, now)
    this.#flushWire(now)
    if (this.peer) this.home?.torrent?.downloads.refill(this.peer, now)
  }

  #flushWire(now: number): void {
    this.#now = now
    this.wire.drain(this.#sink, now)
    this.#chargeOverhead(now)
  }

  #chargeOverhead(now: number): void {
    if (this.#overheadIn > 0) {
      this.accounts.download.spend(this.#overheadIn, now)
      this.#overheadIn = 0
    }
    if (this.#overheadOut > 0) {
      this.accounts.upload.spend(this.#overheadOut, now)
      this.#overheadOut = 0
    }
  }

  #flushQuietly(now: number): void {
    try {
      this.#flushWire(now)
    } catch {
      // The error that led here is the one that counts.
    }
  }

  #heed(event: PeerEvent): void {
    if (this.#isClosed) return
    const torrent = this.home?.torrent ?? null
    switch (event.type) {
      case 'block-start':
        this.#blockStart(torrent, event.piece, event.begin, event.length)
        return
      case 'block-data':
        if (this.#isAskedFor) this.#overheadIn -= event.bytes.length
        this.#place?.write(event.bytes)
        this.peer?.requests.progressed(this.#now)
        return
      case 'block-end':
        this.#blockEnd(torrent)
        return
      case 'handshake':
        this.#door.shaken(this, event, this.#now)
        this.turns.flushLater(this)
        return
      default:
        this.#door.told(this, event, this.#now)
    }
  }

  #blockStart(torrent: Torrent | null, piece: number, begin: number, length: number): void {
    this.#block = { piece, begin, length }
    this.#place = torrent && this.peer ? torrent.downloads.place(this.peer, this.#block) : null
    this.#isAskedFor = this.#place !== null || (this.peer?.requests.isOutstanding(this.#block) ?? false)
  }

  #blockEnd(torrent: Torrent | null): void {
    if (!torrent || !this.peer) return
    if (this.#place) torrent.downloads.arrived(this.peer, this.#block, this.#now)
    else torrent.downloads.wasted(this.peer, this.#block, this.#now)
    this.#place = null
  }

  #closed(reason: BitTorrentError | null, now: number): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#place = null
    this.wire.close()
    this.turns.forget(this)
    this.#door.gone(this, reason, now)
  }
}
