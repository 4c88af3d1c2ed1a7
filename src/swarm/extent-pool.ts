import { UsageError } from '../core/errors.ts'
import type { ExtentMemory } from '../core/ports.ts'
import type { CopyBytes } from './block-place.ts'

/** Bytes of one extent: sixteen blocks. */
export const EXTENT_LENGTH = 262144
/** Extents that are allocated together: a SharedArrayBuffer each would cost a mapping each. */
const EXTENTS_PER_SLAB = 16
/** The pool is low when less than this part of the budget is free. */
const LOW_SHARE = 1 / 8

/**
 * The memory of all pieces that are being gathered, lent out in extents of 256 KiB and never more than the budget.
 * What was given back last is lent first, because memory that was never touched is slow.
 */
export class ExtentPool {
  readonly extentLength = EXTENT_LENGTH
  /** Bytes that may be lent at a time: whole extents, at least one. */
  budget: number
  readonly #memory: ExtentMemory
  #limit: number
  /** Allocated and not lent; the last one is lent next. Bounded by the budget. */
  readonly #idle: Uint8Array[] = []
  /** Bounded by the budget. */
  readonly #lent = new Set<Uint8Array>()

  constructor(options: { memory: ExtentMemory; budget: number }) {
    this.#memory = options.memory
    this.#limit = Math.max(1, Math.floor(options.budget / EXTENT_LENGTH))
    this.budget = this.#limit * EXTENT_LENGTH
  }

  get copy(): CopyBytes | undefined {
    return this.#memory.copy
  }

  /** How many extents can still be lent. */
  get free(): number {
    return this.#limit - this.#lent.size
  }

  /** How many extents are lent. */
  get lent(): number {
    return this.#lent.size
  }

  /** Time to spill what is slow, before nothing is left to lend. */
  get isLow(): boolean {
    return this.free < this.#limit * LOW_SHARE
  }

  /** Raises the budget to so many bytes where it is less: a torrent whose pieces are larger could not begin one. */
  growTo(bytes: number): void {
    this.#limit = Math.max(this.#limit, Math.ceil(bytes / EXTENT_LENGTH))
    this.budget = this.#limit * EXTENT_LENGTH
  }

  /** Null when the budget is lent out. The extent has old content. */
  lend(): Uint8Array | null {
    if (this.free === 0) return null
    if (this.#idle.length === 0) this.#allocateSlab()
    const extent = this.#idle.pop()!
    this.#lent.add(extent)
    return extent
  }

  /**
   * Takes back an extent, the very view that was lent. Throws `UsageError` `extent-not-lent` for anything else, since
   * an extent that two pieces share would be found out as corruption much later.
   */
  giveBack(extent: Uint8Array): void {
    if (!this.#lent.delete(extent)) {
      throw new UsageError(
        'extent-not-lent',
        'an extent was given back that is not lent: give each back once',
      )
    }
    this.#idle.push(extent)
  }

  #allocateSlab(): void {
    const allocated = this.#lent.size + this.#idle.length
    const count = Math.min(EXTENTS_PER_SLAB, this.#limit - allocated)
    const slab = this.#memory.allocate(count * EXTENT_LENGTH)
    for (let i = count - 1; i >= 0; i--) {
      this.#idle.push(slab.subarray(i * EXTENT_LENGTH, (i + 1) * EXTENT_LENGTH))
    }
  }
}
