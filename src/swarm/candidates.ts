import type { PickRequest } from './pick-request.ts'

/** Pieces that may be begun for a peer, in order, until they have as many blocks as are wanted. */
export class Candidates {
  readonly pieces: number[] = []
  readonly #request: PickRequest
  readonly #blockCount: (piece: number) => number
  #missing: number

  constructor(options: { request: PickRequest; blocks: number; blockCount: (piece: number) => number }) {
    this.#request = options.request
    this.#missing = options.blocks
    this.#blockCount = options.blockCount
  }

  get areEnough(): boolean {
    return this.#missing <= 0
  }

  /** Taken where the peer has the piece and gives it. */
  add(piece: number): void {
    const { has, allowed } = this.#request
    if (!has.has(piece) || allowed?.(piece) === false) return
    this.pieces.push(piece)
    this.#missing -= this.#blockCount(piece)
  }

  /** Those of a few pieces that are in question, where there is an order by that: the lowest first. */
  addSome(
    pieces: Iterable<number>,
    isInQuestion: (piece: number) => boolean,
    order?: (piece: number) => number,
  ): void {
    const some = [...pieces].filter(isInQuestion)
    if (order) some.sort((a, b) => order(a) - order(b))
    for (const piece of some) if (!this.areEnough) this.add(piece)
  }
}
