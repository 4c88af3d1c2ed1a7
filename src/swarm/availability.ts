import type { Bitfield } from '../core/bitfield.ts'

/** How many connected peers have each piece. */
export class Availability {
  /** Copies of each piece at peers that are not counted as seeds. */
  readonly #copies: Uint16Array
  /** Bitfields of peers that had everything when they joined: they are one number, not a count in every piece. */
  readonly #seeds = new Set<Bitfield>()
  readonly #changed: (piece: number) => void

  /** `changed`: told of each piece whose `copies` are others now. */
  constructor(options: { pieceCount: number; changed: (piece: number) => void }) {
    this.#copies = new Uint16Array(options.pieceCount)
    this.#changed = options.changed
  }

  /** `bits` stays the peer's own until `left`, kept up to date by whoever calls `has` and `lacks`. */
  joined(bits: Bitfield): void {
    if (bits.isFull) this.#seeds.add(bits)
    else for (const piece of bits) this.has(piece)
  }

  left(bits: Bitfield): void {
    if (this.#seeds.delete(bits)) return
    for (const piece of bits) this.#count(piece, -1)
  }

  /** A connected peer has a piece more. */
  has(piece: number): void {
    this.#count(piece, 1)
  }

  /** A connected peer has a piece less (BEP 54); `bits`, its own, say so already. */
  lacks(piece: number, bits: Bitfield): void {
    if (this.#seeds.delete(bits)) for (const other of bits) this.has(other)
    else this.#count(piece, -1)
  }

  /** At how many peers it can be had. */
  of(piece: number): number {
    return this.#copies[piece]! + this.#seeds.size
  }

  /** At how many of those that are no seeds. */
  copies(piece: number): number {
    return this.#copies[piece]!
  }

  get hasSeeds(): boolean {
    return this.#seeds.size > 0
  }

  #count(piece: number, change: 1 | -1): void {
    this.#copies[piece]! += change
    this.#changed(piece)
  }
}
