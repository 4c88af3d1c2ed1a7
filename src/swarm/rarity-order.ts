import type { Dice } from '../core/ports.ts'

/**
 * Pieces sorted by rank, where a rank mostly changes by one step at a time: one permutation of all pieces in which each
 * rank is a stretch. A step is one swap with the neighbour at the edge of the stretch, so it costs the same for ten
 * pieces and for a million. Within a rank the order means nothing.
 */
export class RarityOrder {
  readonly #order: Int32Array
  readonly #position: Int32Array
  readonly #rank: Int16Array
  /** Where each rank starts; the last entry is the end. */
  readonly #start: Int32Array

  /** `rankOf`: where each piece starts. */
  constructor(options: {
    pieceCount: number
    rankCount: number
    rankOf: (piece: number) => number
    dice: Dice
  }) {
    const { pieceCount, rankCount, rankOf, dice } = options
    this.#rank = Int16Array.from({ length: pieceCount }, (_, piece) => rankOf(piece))
    this.#start = new Int32Array(rankCount + 1)
    for (const rank of this.#rank) this.#start[rank + 1]!++
    for (let rank = 0; rank < rankCount; rank++) this.#start[rank + 1]! += this.#start[rank]!
    this.#order = new Int32Array(pieceCount)
    this.#position = new Int32Array(pieceCount)
    const next = this.#start.slice()
    for (const piece of shuffled(pieceCount, dice)) {
      const position = next[this.#rank[piece]!]!++
      this.#order[position] = piece
      this.#position[piece] = position
    }
  }

  rankOf(piece: number): number {
    return this.#rank[piece]!
  }

  /** Where a rank's stretch starts; it ends where the next one starts. */
  startOf(rank: number): number {
    return this.#start[rank]!
  }

  /** How many pieces have a rank. */
  countOf(rank: number): number {
    return this.#start[rank + 1]! - this.#start[rank]!
  }

  pieceAt(position: number): number {
    return this.#order[position]!
  }

  /** A step costs a swap, a jump one for each rank on the way. */
  place(piece: number, rank: number): void {
    for (let from = this.#rank[piece]!; from < rank; from++) this.#swapTo(piece, --this.#start[from + 1]!)
    for (let from = this.#rank[piece]!; from > rank; from--) this.#swapTo(piece, this.#start[from]!++)
    this.#rank[piece] = rank
  }

  #swapTo(piece: number, position: number): void {
    const from = this.#position[piece]!
    if (from === position) return
    const other = this.#order[position]!
    this.#order[from] = other
    this.#position[other] = from
    this.#order[position] = piece
    this.#position[piece] = position
  }
}

/** So that two peers that start with equal knowledge do not pick the same way. */
function shuffled(count: number, dice: Dice): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const chosen = dice.below(last + 1)
    const piece = order[chosen]!
    order[chosen] = order[last]!
    order[last] = piece
  }
  return order
}
