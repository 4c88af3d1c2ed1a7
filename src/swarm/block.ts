/** A block as it is asked for on the wire (BEP 3): at most 16 KiB, inside one piece. */
export interface BlockRef {
  readonly piece: number
  /** Offset in the piece, bytes. */
  readonly begin: number
  readonly length: number
}
