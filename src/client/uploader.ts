import type { TorrentStorage } from '../storage/torrent-storage.ts'
import type { ExtentPool } from '../swarm/extent-pool.ts'
import type { SwarmPeer } from '../swarm/swarm-peer.ts'
import type { Torrent } from '../swarm/torrent.ts'
import type { UploadRun } from '../swarm/upload-queue.ts'
import type { PeerWire } from '../wire/peer-wire.ts'
import { PIECE_HEADER_LENGTH, writePieceHeader } from '../wire/wire-encoder.ts'
import { CLIENT_LIMITS } from './limits.ts'
import type { Guarded, Turns } from './turns.ts'

/** Where credit is short, a peer has so much of it in its queue at most: what it took lately in so many ms, or a little. */
const QUEUE_TIME = 500
const LEAST_QUEUED = 32_768

/** The connection whose requests are answered. */
export interface UploadingPeer extends Guarded {
  readonly wire: PeerWire
  readonly peer: SwarmPeer | null
  readonly home: {
    readonly torrent: Torrent | null
    readonly storage: TorrentStorage | null
    readFailed(piece: number, error: unknown): void
  } | null
  readonly turns: Turns
  readonly isClosed: boolean
  room(): number
  /** So much of what the wire has to send is payload. */
  payloadQueued(length: number): void
  serve(): void
  reject(piece: number, begin: number, length: number): void
}

/**
 * Answers one peer's requests: a run of neighbouring blocks is read into a lent extent, between the gaps for their
 * headers, and the extent goes to the socket as it is. Nothing is read before the socket has room for it.
 */
export class Uploader {
  /** There may be something to do: looked at when the turn ends. */
  isWanted = false
  readonly #session: UploadingPeer
  readonly #pool: ExtentPool
  #reading = 0
  #readingBytes = 0
  /** Payload in the wire and the socket that the system has not taken yet. */
  #queuedBytes = 0

  constructor(options: { peer: UploadingPeer; pool: ExtentPool }) {
    this.#session = options.peer
    this.#pool = options.pool
  }

  serve(now: number): void {
    this.isWanted = false
    const { home, peer } = this.#session
    const torrent = home?.torrent
    if (!torrent || !peer || !home.storage) return
    while (
      this.#reading < CLIENT_LIMITS.readsInFlight &&
      this.#session.room() > this.#readingBytes &&
      !this.#isBehind(peer, now) &&
      peer.uploads.size > 0
    ) {
      const extent = this.#pool.lend()
      if (!extent) return
      const run = torrent.takeRun(peer, now)
      if (!run) {
        this.#pool.giveBack(extent)
        return
      }
      this.#read(run, extent)
    }
  }

  /** Credit that lies in the queue of one who is slow would be missed by others. */
  #isBehind(peer: SwarmPeer, now: number): boolean {
    if (!peer.upload.isLimited || this.#queuedBytes === 0) return false
    const most = Math.max(LEAST_QUEUED, (peer.uploadRate.perSecond(now) * QUEUE_TIME) / 1000)
    return this.#queuedBytes + this.#readingBytes >= most
  }

  #read(run: UploadRun, extent: Uint8Array): void {
    const { home, peer, turns } = this.#session
    const epoch = peer?.uploadEpoch
    this.#reading++
    this.#readingBytes += run.length
    const settle = (isRead: boolean, error: unknown): void => {
      turns.enter(this.#session, now => {
        this.#reading--
        this.#readingBytes -= run.length
        const isForgotten = peer?.uploadEpoch !== epoch && !peer?.fastGrants?.has(run.piece)
        const isStale = this.#session.isClosed || isForgotten
        if (isRead && !isStale) this.#send(run, extent, now)
        else {
          this.#pool.giveBack(extent)
          peer?.upload.giveBack(run.length)
          if (!this.#session.isClosed) this.#rejectRun(run)
        }
        if (!isRead) home?.readFailed(run.piece, error)
        this.#session.serve()
      })
    }
    home?.storage?.read(run.piece, run.begin, gapped(extent, run.lengths)).then(
      () => settle(true, null),
      (error: unknown) => settle(false, error),
    )
  }

  #send(run: UploadRun, extent: Uint8Array, now: number): void {
    const { home, peer, wire, turns } = this.#session
    if (!peer) return
    let at = 0
    let begin = run.begin
    for (const length of run.lengths) {
      writePieceHeader(extent, at, run.piece, begin, length)
      at += PIECE_HEADER_LENGTH + length
      begin += length
    }
    this.#session.payloadQueued(run.length)
    this.#queuedBytes += run.length
    wire.sendRun(extent.subarray(0, at), run.lengths.length, () => {
      this.#queuedBytes -= run.length
      this.#pool.giveBack(extent)
      turns.enter(this.#session, () => this.#session.serve())
    })
    home?.torrent?.sent(peer, run.length, now)
  }

  #rejectRun(run: UploadRun): void {
    let begin = run.begin
    for (const length of run.lengths) {
      this.#session.reject(run.piece, begin, length)
      begin += length
    }
  }
}

/** The places of the blocks in an extent that leaves 13 bytes before each for its header. */
function gapped(extent: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let at = 0
  return lengths.map(length => {
    const place = extent.subarray(at + PIECE_HEADER_LENGTH, at + PIECE_HEADER_LENGTH + length)
    at += PIECE_HEADER_LENGTH + length
    return place
  })
}
