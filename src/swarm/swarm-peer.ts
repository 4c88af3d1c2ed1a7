import type { Address } from '../core/address.ts'
import { Bitfield } from '../core/bitfield.ts'
import type { ProtocolError } from '../core/errors.ts'
import { Rate } from '../core/rate.ts'
import type { Account } from './bandwidth.ts'
import type { BlockSource } from './block-source.ts'
import { SWARM_LIMITS } from './limits.ts'
import { SWARM_OPTIONS } from './options.ts'
import type { PeerLink } from './peer-link.ts'
import { RequestQueue } from './request-queue.ts'
import { UploadQueue } from './upload-queue.ts'

/** What a torrent knows of one connected peer. Facts only: the decisions are made by those who read them. */
export class SwarmPeer implements BlockSource {
  readonly link: PeerLink
  readonly address: Address
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** BEP 6 is spoken on both sides. */
  readonly hasFast: boolean
  readonly joinedAt: number
  /** What it has. Replaced when its bitfield comes. */
  has: Bitfield
  /** How many of its pieces we want and do not have: our interest. */
  useful = 0
  /** It chokes us. */
  isChoking = true
  /** It wants something of ours. */
  isInterested = false
  /** We choke it. */
  amChoking = true
  amInterested = false
  /** BEP 21: it downloads nothing more, whether it has everything or not. */
  isUploadOnly = false
  /** Pieces it lets us ask for while it chokes us (BEP 6). Bounded by `allowedFast` in limits. */
  readonly allowedFast = new Set<number>()
  /** Pieces that it suggests (BEP 6). Bounded by `suggestedPieces` in limits. */
  readonly suggested = new Set<number>()
  /**
   * Pieces that it may ask for while we choke it, with how many requests for each. Null: it was not told of any. Bounded by
   * the allowed-fast set.
   */
  fastGrants: Map<number, number> | null = null
  /** Also where it rejected a request though it does not choke us. */
  isPaused = false
  isSlow = false
  /** What we asked of it. */
  readonly requests: RequestQueue
  /** What it asked of us. */
  readonly uploads: UploadQueue
  /** Payload rates. */
  readonly downloadRate = new Rate()
  readonly uploadRate = new Rate()
  readonly download: Account
  readonly upload: Account
  /** Grows when what it asked for is forgotten; a run read from disk for an older one is not sent. */
  uploadEpoch = 0

  constructor(options: {
    link: PeerLink
    address: Address
    peerId: Uint8Array
    pieceCount: number
    hasFast: boolean
    now: number
    download: Account
    upload: Account
  }) {
    this.link = options.link
    this.address = options.address
    this.peerId = options.peerId
    this.hasFast = options.hasFast
    this.joinedAt = options.now
    this.has = new Bitfield(options.pieceCount)
    this.requests = new RequestQueue({ now: options.now, limit: SWARM_OPTIONS.assumedQueue })
    this.uploads = new UploadQueue({ limit: SWARM_LIMITS.queuedUploads })
    this.download = options.download
    this.upload = options.upload
  }

  get mayBeAsked(): boolean {
    return this.amInterested && (!this.isChoking || this.allowedFast.size > 0)
  }

  get isSeed(): boolean {
    return this.has.isFull
  }

  /** While it chokes us, what it allows. */
  get only(): ReadonlySet<number> | null {
    return this.isChoking ? this.allowedFast : null
  }

  gives(piece: number): boolean {
    return !this.isChoking || this.allowedFast.has(piece)
  }

  request(piece: number, begin: number, length: number): void {
    this.link.request(piece, begin, length)
  }

  cancel(piece: number, begin: number, length: number): void {
    this.link.cancel(piece, begin, length)
  }

  close(reason: ProtocolError): void {
    this.link.close(reason)
  }
}
