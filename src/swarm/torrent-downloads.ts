import { BLOCK_LENGTH, type Geometry } from '../metainfo/geometry.ts'
import type { BlockPlace } from './block-place.ts'
import type { BlockRef } from './block.ts'
import type { BlockSource } from './block-source.ts'
import { SWARM_LIMITS } from './limits.ts'
import { SWARM_OPTIONS } from './options.ts'
import type { PayloadTally } from './payload-tally.ts'
import type { PieceAssembly } from './piece-assembly.ts'
import type { PickedBlock, PickRequest } from './pick-request.ts'
import type { PiecePicker } from './piece-picker.ts'
import type { TorrentPieces } from './torrent-pieces.ts'

/**
 * Slow is who sends less than this share of what the fastest does. A piece that a fast source begins would wait for its
 * blocks several times as long as it need.
 */
const SLOW_SHARE = 1 / 4

/**
 * Who sends less than this share of what the fastest does holds up the end, and whoever waits for a block. Somebody who has
 * only begun to send, at a rate over five seconds, does not.
 */
const FAIR_SHARE = 1 / 64

/** So long (ms) somebody may say nothing to what it was asked before one who was never asked is tried in its place. */
const PATIENCE = 5000

/** What is asked of whom, and what becomes of it: from picking a block to its last byte, whoever sends it. */
export class TorrentDownloads {
  readonly #geometry: Geometry
  readonly #picker: PiecePicker
  readonly #assembly: PieceAssembly
  readonly #pieces: TorrentPieces
  readonly #tally: PayloadTally
  readonly #wake: (now: number) => void
  /** Bounded by the session's connection limit. */
  readonly #sources = new Set<BlockSource>()
  /** Those that were seen to send a fair share. All others may hold up what they are asked for. */
  readonly #fair = new Set<object>()
  #now = 0

  /** `wake`: something is under way, so that time has to be looked at. */
  constructor(options: {
    geometry: Geometry
    picker: PiecePicker
    assembly: PieceAssembly
    pieces: TorrentPieces
    tally: PayloadTally
    wake: (now: number) => void
  }) {
    this.#geometry = options.geometry
    this.#picker = options.picker
    this.#assembly = options.assembly
    this.#pieces = options.pieces
    this.#tally = options.tally
    this.#wake = options.wake
  }

  get size(): number {
    return this.#sources.size
  }

  /** Something is under way, or could be: time alone may change it. */
  get isBusy(): boolean {
    for (const source of this.#sources) if (source.requests.outstanding > 0 || source.mayBeAsked) return true
    return false
  }

  joined(source: BlockSource): void {
    this.#sources.add(source)
  }

  /** What it was asked others may be asked; what it was in the middle of leaves no trace. */
  left(source: BlockSource): void {
    if (!this.#sources.delete(source)) return
    this.#fair.delete(source)
    this.release(source)
    this.#assembly.sourceGone(source)
  }

  /** Asks a source for as much as it can send before we look again. Called once a drain. */
  refill(source: BlockSource, now: number): void {
    this.#now = Math.max(this.#now, now)
    if (!source.mayBeAsked || source.isPaused || this.#pieces.isBlocked || !this.#sources.has(source)) return
    this.#wake(now)
    const depth = source.requests.depth(now)
    const missing = depth - source.requests.outstanding
    if (missing <= 0 || missing * 8 < depth) return
    const credit = Math.floor(source.download.take(missing * BLOCK_LENGTH, now) / BLOCK_LENGTH)
    if (credit === 0) return
    const picked = this.#picker.pick({
      peer: source,
      has: source.has,
      isSlow: source.isSlow,
      count: credit,
      only: source.only ?? null,
      suggested: source.suggested ?? null,
      // Who has enough to do is asked for nothing that another may bring.
      duplicates: SWARM_LIMITS.endgameDuplicates - source.requests.outstanding,
      mayOpen: piece => this.#mayOpen(piece),
      allowed: piece => this.#assembly.canTake(piece) && source.gives(piece),
      replaced: (other, { piece, block }) => this.#replace(other as BlockSource, { piece, block }, now),
      ...this.#judgementOf(source, now),
    })
    let unspent = credit * BLOCK_LENGTH
    for (const { piece, block } of picked) {
      const begin = block * BLOCK_LENGTH
      const length = this.#geometry.blockLength(piece, block)
      // What it was asked and did not answer it still holds (and it is paid for), unless it let that pass twice.
      if (source.requests.revived({ piece, begin, length }, now, 1)) continue
      source.requests.requested({ piece, begin, length }, now)
      source.request(piece, begin, length)
      unspent -= length
    }
    if (unspent > 0) source.download.giveBack(unspent)
    if (picked.length < credit) source.download.stepOut()
  }

  /** Whom a source may be asked in place of: proven, of all who do not send; untried, of those who have kept us waiting. */
  #judgementOf(source: BlockSource, now: number): Pick<PickRequest, 'holdsUp' | 'replaces'> {
    if (source.isSlow) return {}
    if (source.downloadRate.total > 0) return { holdsUp: other => !this.#fair.has(other) }
    // Else many who are silent could have all there is to ask for, in turn, and who would send be asked for nothing.
    const isUntried = source.requests.outstanding === 0 && !source.requests.isSnubbed(now)
    if (!isUntried) return {}
    const holdsUp = (other: object): boolean =>
      !this.#fair.has(other) && (other as BlockSource).requests.waits(now) >= PATIENCE
    return { holdsUp, replaces: 1 }
  }

  refillAll(): void {
    for (const source of this.#sources) this.refill(source, this.#now)
  }

  /** Where the payload of a block belongs; null for one that nobody waits for, which is to be thrown away. */
  place(source: BlockSource, block: BlockRef): BlockPlace | null {
    const { piece, begin, length } = block
    if (!source.requests.isOutstanding(block)) return null
    if (source.requests.revived(block, this.#now) && this.#picker.isWanted(piece) && this.#mayOpen(piece))
      this.#picker.blockRequested(piece, begin / BLOCK_LENGTH, source)
    return this.#assembly.place(piece, begin, length, source)
  }

  /** All of a block's payload has been put into its place. */
  arrived(source: BlockSource, block: BlockRef, now: number): void {
    const { piece, begin, length } = block
    this.#tally.downloaded += length
    source.downloadRate.add(length, now)
    if (!source.requests.arrived(block, now)) {
      this.#tally.wasted += length
      return
    }
    const others = this.#pieces.blockArrived(piece, begin, source)
    if (others === null) {
      this.#tally.wasted += length
      this.#releaseBlock(source, block)
      return
    }
    for (const other of others) this.#cancel(other as BlockSource, block)
  }

  /** A block came for which there was no place. Asked for again at once, it might come for nothing again. */
  wasted(source: BlockSource, block: BlockRef, now: number): void {
    this.#tally.downloaded += block.length
    this.#tally.wasted += block.length
    if (!source.requests.arrived(block, now)) return
    this.#releaseBlock(source, block)
    source.isPaused = true
  }

  /** The source says that it will not send a block; false where it was not asked for it. */
  dropped(source: BlockSource, block: BlockRef): boolean {
    if (!source.requests.dropped(block)) return false
    source.download.giveBack(block.length)
    this.#releaseBlock(source, block)
    return true
  }

  /** Forgets what was asked of a source: others may be asked for it. */
  release(source: BlockSource): void {
    for (const block of source.requests.dropAll()) {
      source.download.giveBack(block.length)
      this.#releaseBlock(source, block)
    }
  }

  /** Other pieces are wanted: what was asked for in vain is taken back. */
  dropUnwanted(): void {
    for (const source of this.#sources) {
      for (const block of source.requests.dropWhere(({ piece }) => !this.#picker.isWanted(piece))) {
        source.download.giveBack(block.length)
        this.#releaseBlock(source, block)
        source.cancel(block.piece, block.begin, block.length)
      }
    }
  }

  /** Gives up on what is late, and asks for more. */
  tick(now: number): void {
    this.#now = now
    this.#compareRates(now)
    for (const source of this.#byMerit()) {
      // Others are asked as well. No CANCEL: a slow peer would have to begin again, and never get to an end.
      for (const late of source.requests.expired(now)) this.#releaseBlock(source, late)
      source.isPaused = false
      this.refill(source, now)
    }
  }

  /** Who sends is asked before who may not. */
  #byMerit(): BlockSource[] {
    const sources = [...this.#sources]
    const isFair = (source: BlockSource): boolean => this.#fair.has(source)
    return [...sources.filter(isFair), ...sources.filter(source => !isFair(source))]
  }

  /** Tells the slow from the fast. Who has sent nothing yet is neither. */
  #compareRates(now: number): void {
    let fastest = 0
    for (const { downloadRate } of this.#sources) fastest = Math.max(fastest, downloadRate.perSecond(now))
    for (const source of this.#sources) {
      const { total } = source.downloadRate
      // Who is asked for nothing sends nothing.
      if (source.requests.outstanding === 0) continue
      const rate = source.downloadRate.perSecond(now)
      source.isSlow = total > 0 && rate < fastest * SLOW_SHARE
      if (total > 0 && rate >= fastest * FAIR_SHARE) this.#fair.add(source)
      else this.#fair.delete(source)
    }
  }

  /**
   * Memory for one more piece, unless whole ones pile up before the hash and the disk: then more pieces would only
   * take memory that was not touched before, and come no sooner.
   */
  #mayOpen(piece: number): boolean {
    if (this.#pieces.settling * this.#geometry.pieceLength >= SWARM_OPTIONS.settlingBytes) return false
    return this.#assembly.open(piece)
  }

  /** A source will not send a block: the memory of a piece that nobody sends anything of goes back. */
  #releaseBlock(source: BlockSource, { piece, begin }: Pick<BlockRef, 'piece' | 'begin'>): void {
    if (this.#picker.blockReleased(piece, begin / BLOCK_LENGTH, source)) this.#assembly.release(piece)
  }

  #cancel(source: BlockSource, block: BlockRef): void {
    this.#releaseBlock(source, block)
    this.#takeBack(source, block.piece, block.begin / BLOCK_LENGTH)
  }

  /** Another is asked in its place. Who has kept us waiting so long does not come first again. */
  #replace(source: BlockSource, { piece, block }: PickedBlock, now: number): void {
    if (source.requests.waits(now) >= PATIENCE) source.requests.snubbed()
    this.#takeBack(source, piece, block)
  }

  /** For the picker it is asked for the block no more: it is told so. */
  #takeBack(source: BlockSource, piece: number, block: number): void {
    const begin = block * BLOCK_LENGTH
    const length = this.#geometry.blockLength(piece, block)
    if (source.requests.dropped({ piece, begin, length })) source.download.giveBack(length)
    source.cancel(piece, begin, length)
  }
}
