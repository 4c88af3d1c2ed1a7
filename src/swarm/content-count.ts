import type { Bitfield } from '../core/bitfield.ts'

/** Counts bytes of content: what is wanted, and how much of all there is. */
export class ContentCount {
  readonly #contentBytes: (piece: number) => number
  /** In the pieces that are wanted, and in those of them that are had. */
  wanted = 0
  verified = 0
  /** Not had, wanted or not. */
  missing = 0

  constructor(contentBytes: (piece: number) => number) {
    this.#contentBytes = contentBytes
  }

  /** Counts anew. */
  all(have: Bitfield, selected: Bitfield): void {
    this.wanted = 0
    this.verified = 0
    this.missing = 0
    for (let piece = 0; piece < have.length; piece++) {
      const bytes = this.#contentBytes(piece)
      if (selected.has(piece)) this.wanted += bytes
      if (!have.has(piece)) this.missing += bytes
      else if (selected.has(piece)) this.verified += bytes
    }
  }

  /** A piece came (1) or went (-1). */
  changed(piece: number, sign: 1 | -1, isSelected: boolean): void {
    const bytes = this.#contentBytes(piece) * sign
    this.missing -= bytes
    if (isSelected) this.verified += bytes
  }
}
