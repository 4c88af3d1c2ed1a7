import { Bitfield } from '../core/bitfield.ts'
import { BLOCK_LENGTH } from '../metainfo/geometry.ts'
import type { BlockPlace, CopyBytes } from './block-place.ts'

/**
 * Stands where the sender of a block would, for a block that is nothing but pad (BEP 47): zeros were filled in, nobody
 * sent them, and they cannot be wrong.
 */
export const PAD_SOURCE: object = Object.freeze({})

const MISSING = 0
const HELD = 1
const SPILLED = 2
/** Nothing but zeros, which nobody sends: in memory, and on disk without being written. */
const PAD = 3

/** Lends memory in extents of one length, a multiple of a block's. */
export interface ExtentLender {
  /** See `ExtentMemory.copy`. */
  readonly copy?: CopyBytes | undefined
  readonly extentLength: number
  readonly free: number
  lend(): Uint8Array | null
  giveBack(extent: Uint8Array): void
  /** Time to give memory back before nothing is left to lend. */
  readonly isLow: boolean
}

/** Neighbouring blocks of a piece that are in memory, as views to write or hash. */
export interface PieceRun {
  readonly begin: number
  readonly length: number
  readonly parts: readonly Uint8Array[]
}

/** One piece being gathered: its memory, the state of its blocks, and who is writing where. */
export class GatheredPiece {
  readonly length: number
  readonly blockCount: number
  /** Who sent each block; null for one that is missing or came from disk, `PAD_SOURCE` for a pad. */
  readonly sources: (object | null)[]
  /** Who is writing each block in its place. */
  readonly writers: (BlockPlace | null)[]
  readonly #lender: ExtentLender
  readonly #extents: (Uint8Array | null)[]
  readonly #state: Uint8Array
  /** Those who write a block aside while its first writer is at it. Bounded by the peers that are asked for a block. */
  #rivals: BlockPlace[] = []
  #missing: number
  #held = 0
  #spilled = 0

  constructor(length: number, lender: ExtentLender, padBlocks: readonly number[] = []) {
    this.length = length
    this.blockCount = Math.ceil(length / BLOCK_LENGTH)
    this.sources = Array<object | null>(this.blockCount).fill(null)
    this.writers = Array<BlockPlace | null>(this.blockCount).fill(null)
    this.#lender = lender
    this.#extents = Array<Uint8Array | null>(Math.ceil(length / lender.extentLength)).fill(null)
    this.#state = new Uint8Array(this.blockCount)
    this.#missing = this.blockCount - padBlocks.length
    for (const block of padBlocks) {
      this.#state[block] = PAD
      this.sources[block] = PAD_SOURCE
    }
  }

  get isWhole(): boolean {
    return this.#missing === 0
  }

  /** Blocks that are in memory. */
  get held(): number {
    return this.#held
  }

  get isSpilled(): boolean {
    return this.#spilled > 0
  }

  /** Some of its memory is lent to others now. */
  get lacksMemory(): boolean {
    return this.#extents.includes(null)
  }

  /** The blocks that are on disk only. */
  get spilledBlocks(): Bitfield {
    const blocks = new Bitfield(this.blockCount)
    for (let block = 0; block < this.blockCount; block++) {
      if (this.#state[block] === SPILLED) blocks.set(block)
    }
    return blocks
  }

  isBlock(block: number, length: number): boolean {
    return (
      Number.isInteger(block) && block >= 0 && block < this.blockCount && length === this.#lengthOf(block)
    )
  }

  has(block: number): boolean {
    return this.#state[block]! !== MISSING
  }

  lendAll(): void {
    for (let i = 0; i < this.#extents.length; i++) this.#extents[i] = this.#lend(i)
  }

  restored(block: number): void {
    if (block < 0 || block >= this.blockCount || this.has(block)) return
    this.#state[block] = SPILLED
    this.#spilled++
    this.#missing--
  }

  /** The memory of a block; null where there is none to be had. */
  target(block: number): Uint8Array | null {
    const begin = block * BLOCK_LENGTH
    const index = Math.floor(begin / this.#lender.extentLength)
    const extent = (this.#extents[index] ??= this.#lend(index))
    const at = begin % this.#lender.extentLength
    return extent?.subarray(at, at + this.#lengthOf(block)) ?? null
  }

  addRival(place: BlockPlace): void {
    this.#dropRivals(rival => rival.source === place.source && rival.begin === place.begin)
    this.#rivals.push(place)
  }

  /** The block that `source` was writing is done; false where it was not writing, or not to the end. */
  settle(block: number, source: object): boolean {
    const begin = block * BLOCK_LENGTH
    const writer = this.writers[block] ?? null
    if (writer?.source === source) {
      if (!writer.isWhole) return false
    } else {
      const rival = this.#rivals.find(other => other.source === source && other.begin === begin)
      if (!rival?.isWhole || !rival.bytes) return false
      const target = this.target(block)
      if (target === null) return false
      target.set(rival.bytes)
    }
    this.#closeWriters(block)
    this.#state[block] = HELD
    this.#held++
    this.#missing--
    this.sources[block] = source
    return true
  }

  abandon(source: object): void {
    for (let block = 0; block < this.blockCount; block++) {
      if (this.writers[block]?.source !== source) continue
      this.writers[block]!.revoke()
      this.writers[block] = null
    }
    this.#dropRivals(rival => rival.source === source)
    if (this.isSpilled) this.#giveBackUnneeded()
  }

  /** Views on a stretch of the piece, in order. */
  views(begin: number, length: number): Uint8Array[] {
    const views: Uint8Array[] = []
    const step = this.#lender.extentLength
    for (let at = begin; at < begin + length; ) {
      const within = at % step
      const end = Math.min(step, within + begin + length - at)
      const extent = this.#extents[(at - within) / step]
      if (extent) views.push(extent.subarray(within, end))
      at += end - within
    }
    return views
  }

  runs(): PieceRun[] {
    const runs: PieceRun[] = []
    for (let block = 0; block < this.blockCount; ) {
      const first = block
      while (block < this.blockCount && this.#state[block] === HELD) block++
      if (block === first) block++
      else runs.push(this.#run(first, block))
    }
    return runs
  }

  spilled(runs: readonly PieceRun[]): void {
    for (const run of runs) {
      const end = Math.ceil((run.begin + run.length) / BLOCK_LENGTH)
      for (let block = run.begin / BLOCK_LENGTH; block < end; block++) {
        if (this.#state[block] !== HELD) continue
        this.#state[block] = SPILLED
        this.#held--
        this.#spilled++
      }
    }
    this.#giveBackUnneeded()
  }

  fail(badBlocks?: readonly number[]): void {
    if (badBlocks) for (const block of badBlocks) this.#lose(block)
    else for (let block = 0; block < this.blockCount; block++) this.#lose(block)
  }

  close(): void {
    for (let block = 0; block < this.blockCount; block++) this.#closeWriters(block)
    for (let index = 0; index < this.#extents.length; index++) this.#giveBack(index)
  }

  #lengthOf(block: number): number {
    return Math.min(BLOCK_LENGTH, this.length - block * BLOCK_LENGTH)
  }

  /** Borrowed memory has old content: its pads become zeros. */
  #lend(index: number): Uint8Array | null {
    const extent = this.#lender.lend()
    if (!extent) return null
    const first = (index * this.#lender.extentLength) / BLOCK_LENGTH
    const end = Math.min(this.blockCount, first + this.#lender.extentLength / BLOCK_LENGTH)
    for (let block = first; block < end; block++) {
      if (this.#state[block] !== PAD) continue
      const at = (block - first) * BLOCK_LENGTH
      extent.fill(0, at, at + this.#lengthOf(block))
    }
    return extent
  }

  #run(first: number, end: number): PieceRun {
    const begin = first * BLOCK_LENGTH
    const length = Math.min(end * BLOCK_LENGTH, this.length) - begin
    return { begin, length, parts: this.views(begin, length) }
  }

  #lose(block: number): void {
    const state = this.#state[block]
    if (state !== HELD && state !== SPILLED) return
    if (state === HELD) this.#held--
    else this.#spilled--
    this.#state[block] = MISSING
    this.#missing++
    this.sources[block] = null
  }

  #giveBackUnneeded(): void {
    for (let index = 0; index < this.#extents.length; index++) {
      if (!this.#isNeeded(index)) this.#giveBack(index)
    }
  }

  /** Whether an extent has a block that is nowhere else, or one that is being written. */
  #isNeeded(index: number): boolean {
    const perExtent = this.#lender.extentLength / BLOCK_LENGTH
    const end = Math.min(this.blockCount, (index + 1) * perExtent)
    for (let block = index * perExtent; block < end; block++) {
      if (this.#state[block] === HELD || this.writers[block]) return true
    }
    return false
  }

  #giveBack(index: number): void {
    const extent = this.#extents[index]
    this.#extents[index] = null
    if (extent) this.#lender.giveBack(extent)
  }

  #closeWriters(block: number): void {
    this.writers[block]?.revoke()
    this.writers[block] = null
    if (this.#rivals.length > 0) this.#dropRivals(rival => rival.begin === block * BLOCK_LENGTH)
  }

  #dropRivals(goes: (rival: BlockPlace) => boolean): void {
    this.#rivals = this.#rivals.filter(rival => {
      if (!goes(rival)) return true
      rival.revoke()
      return false
    })
  }
}
