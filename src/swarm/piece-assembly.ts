import { Bitfield } from '../core/bitfield.ts'
import { BLOCK_LENGTH } from '../metainfo/geometry.ts'
import { BlockPlace } from './block-place.ts'
import { type ExtentLender, GatheredPiece, type PieceRun } from './gathered-piece.ts'

/**
 * Gathers pieces from blocks, in memory that is lent. It knows which blocks are there, who sent each, and nothing of
 * who was asked or whether the piece is right. Bounded by the lender's budget.
 *
 * - A block is put where it belongs by whoever sends it first; a second sender at the same time writes aside, and the
 *   one that is done first counts.
 * - A source that goes away in the middle of a block leaves no trace.
 * - Blocks that were spilled to disk count as arrived and hold no memory.
 */
export class PieceAssembly {
  readonly #lender: ExtentLender
  readonly #lengthOf: (piece: number) => number
  readonly #padBlocks: (piece: number) => readonly number[]
  /** In the order of their latest block, the one that waited longest first. Bounded by the lender's budget. */
  readonly #open = new Map<number, GatheredPiece>()

  constructor(options: {
    pool: ExtentLender
    lengthOf: (piece: number) => number
    /** Blocks of a piece that are there from the start, as zeros; none, by default. */
    padBlocks?: (piece: number) => readonly number[]
  }) {
    this.#lender = options.pool
    this.#lengthOf = options.lengthOf
    this.#padBlocks = options.padBlocks ?? (() => [])
  }

  get size(): number {
    return this.#open.size
  }

  /** Memory is short, here or in other torrents: time to spill. */
  get isShort(): boolean {
    return this.#lender.isLow
  }

  isOpen(piece: number): boolean {
    return this.#open.has(piece)
  }

  /** Whether there is memory for the whole piece. */
  canOpen(piece: number): boolean {
    return this.#open.has(piece) || this.#lender.free >= this.#extentCount(piece)
  }

  /** Gets the memory for a piece; false where there is not enough. Nothing happens to one that is open. */
  open(piece: number): boolean {
    if (this.#open.has(piece)) return true
    const needed = this.#extentCount(piece)
    if (this.#lender.free < needed) return false
    const gathered = this.#gather(piece)
    gathered.lendAll()
    this.#open.set(piece, gathered)
    return true
  }

  /** Whether there is memory for a block: a piece that was spilled has to borrow some again. */
  canTake(piece: number): boolean {
    return this.#lender.free > 0 || !this.#open.get(piece)?.lacksMemory
  }

  /**
   * Opens a piece of which these blocks are on disk already, written before it was whole. It takes memory only for what
   * comes now. Nothing happens where there is no such block, or none but pads.
   */
  restore(piece: number, blocks: Iterable<number>): void {
    if (this.#open.has(piece)) return
    const gathered = this.#gather(piece)
    for (const block of blocks) gathered.restored(block)
    if (gathered.isSpilled) this.#open.set(piece, gathered)
  }

  /**
   * Where a block from `source` is to be put. Null where it is of no use: the piece is not open, this is not one of its
   * blocks, the block is there already, or the memory that a spilled piece needs again is not to be had.
   */
  place(piece: number, begin: number, length: number, source: object): BlockPlace | null {
    const gathered = this.#open.get(piece)
    const block = begin / BLOCK_LENGTH
    if (!gathered?.isBlock(block, length) || gathered.has(block)) return null
    const first = gathered.writers[block] ?? null
    if (first !== null && first.source !== source)
      return this.#placeAside(gathered, piece, begin, length, source)
    const target = gathered.target(block)
    if (target === null) return null
    first?.revoke()
    const place = new BlockPlace({ piece, begin, length }, source, target, this.#lender.copy)
    gathered.writers[block] = place
    return place
  }

  /** All of a block came from `source`, through its place. `whole`: it was the last one that was missing. */
  arrived(piece: number, begin: number, source: object): 'partial' | 'whole' | 'duplicate' {
    const gathered = this.#open.get(piece)
    const block = begin / BLOCK_LENGTH
    if (!gathered || gathered.has(block) || !gathered.settle(block, source)) return 'duplicate'
    this.#open.delete(piece)
    this.#open.set(piece, gathered)
    return gathered.isWhole ? 'whole' : 'partial'
  }

  /** Forgets what `source` was in the middle of. The blocks it finished stay, and stay its own. */
  sourceGone(source: object): void {
    for (const gathered of this.#open.values()) gathered.abandon(source)
  }

  /** Whether a block has arrived; false where its piece is not open. */
  has(piece: number, block: number): boolean {
    return this.#open.get(piece)?.has(block) ?? false
  }

  /** Whether every block is there, in memory or on disk. */
  isWhole(piece: number): boolean {
    return this.#open.get(piece)?.isWhole ?? false
  }

  /** Whether some of its blocks are on disk only: it is to be hashed from there. */
  isSpilled(piece: number): boolean {
    return this.#open.get(piece)?.isSpilled ?? false
  }

  /** The blocks of a piece that are on disk only. */
  spilledBlocks(piece: number): Bitfield {
    return this.#open.get(piece)?.spilledBlocks ?? new Bitfield(0)
  }

  /** The memory of a piece without spilled blocks, in order, cut to its length. Valid until `release`. */
  parts(piece: number): Uint8Array[] {
    const gathered = this.#open.get(piece)
    return gathered ? gathered.views(0, gathered.length) : []
  }

  /** Who sent each block; null for one that is missing or came from disk, `PAD_SOURCE` for a pad. */
  sources(piece: number): readonly (object | null)[] {
    return this.#open.get(piece)?.sources ?? []
  }

  /** Gives back the memory of a piece: it is on disk, or of no use. What is still coming for it goes nowhere. */
  release(piece: number): void {
    this.#open.get(piece)?.close()
    this.#open.delete(piece)
  }

  /** The piece is wrong: all its blocks, or just these, are missing again. Its memory stays. */
  fail(piece: number, badBlocks?: readonly number[]): void {
    this.#open.get(piece)?.fail(badBlocks)
  }

  /** The open pieces, the one whose latest block is oldest first. */
  openPieces(): IterableIterator<number> {
    return this.#open.keys()
  }

  /** The partial piece to spill first: the one that waited longest for a block and has some in memory. */
  slowest(): number | null {
    for (const [piece, gathered] of this.#open) {
      if (!gathered.isWhole && gathered.held > 0) return piece
    }
    return null
  }

  /** What of a piece is in memory, in stretches to write. Valid until `release` or until they are `spilled`. */
  runs(piece: number): PieceRun[] {
    return this.#open.get(piece)?.runs() ?? []
  }

  /** These runs are on disk: their memory goes back where nothing else needs it. */
  spilled(piece: number, runs: readonly PieceRun[]): void {
    this.#open.get(piece)?.spilled(runs)
  }

  #gather(piece: number): GatheredPiece {
    return new GatheredPiece(this.#lengthOf(piece), this.#lender, this.#padBlocks(piece))
  }

  #placeAside(
    gathered: GatheredPiece,
    piece: number,
    begin: number,
    length: number,
    source: object,
  ): BlockPlace {
    const place = new BlockPlace({ piece, begin, length }, source, new Uint8Array(length))
    gathered.addRival(place)
    return place
  }

  #extentCount(piece: number): number {
    return Math.ceil(this.#lengthOf(piece) / this.#lender.extentLength)
  }
}
