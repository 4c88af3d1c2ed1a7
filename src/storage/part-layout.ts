import type { Geometry } from '../metainfo/geometry.ts'
import type { StoredFile } from './stored-torrent.ts'

const MAGIC = new TextEncoder().encode('shoal parts 1\n\0\0')
const PAGE = 4096

/**
 * Where the part file keeps the bytes of unwanted files that share a piece with wanted ones: 16 bytes that say what
 * it is, a byte for each shared piece (1: look here), and from the next page on a place for each shared piece.
 * Which pieces are shared depends on the torrent alone, so a changed choice of files moves nothing.
 */
export class PartLayout {
  /** Length of everything before the first piece's place. */
  readonly headLength: number
  /** Shared pieces, rising. */
  readonly pieces: readonly number[]
  readonly #pieceLength: number
  readonly #rankOf = new Map<number, number>()

  constructor(geometry: Geometry, files: readonly StoredFile[]) {
    this.pieces = sharedPieces(geometry, files)
    for (const [rank, piece] of this.pieces.entries()) this.#rankOf.set(piece, rank)
    this.#pieceLength = geometry.pieceLength
    this.headLength = Math.ceil((MAGIC.length + this.pieces.length) / PAGE) * PAGE
  }

  isShared(piece: number): boolean {
    return this.#rankOf.has(piece)
  }

  /** Where a piece's bytes from `begin` on are kept. */
  place(piece: number, begin: number): number {
    return this.headLength + this.#rank(piece) * this.#pieceLength + begin
  }

  /** Where the byte is that says whether something is kept of a piece. */
  markOf(piece: number): number {
    return MAGIC.length + this.#rank(piece)
  }

  /** The head of a part file that keeps something of these pieces. */
  writeHead(target: Uint8Array, kept: ReadonlySet<number>): void {
    target.fill(0)
    target.set(MAGIC)
    for (const piece of kept) target[this.markOf(piece)] = 1
  }

  /** The pieces of which something is kept; null where this is the head of something else. */
  readHead(head: Uint8Array): Set<number> | null {
    if (head.length < this.headLength || MAGIC.some((byte, at) => head[at] !== byte)) return null
    return new Set(this.pieces.filter(piece => head[this.markOf(piece)] === 1))
  }

  #rank(piece: number): number {
    const rank = this.#rankOf.get(piece)
    if (rank === undefined) throw new RangeError(`piece ${piece} lies in one file alone`)
    return rank
  }
}

function sharedPieces(geometry: Geometry, files: readonly StoredFile[]): number[] {
  const shared: number[] = []
  let lastSeen = -1
  for (const [index, file] of files.entries()) {
    if (file.isPad || file.length === 0) continue
    const { first, end } = geometry.piecesOf(index)
    if (first === lastSeen && shared.at(-1) !== first) shared.push(first)
    lastSeen = end - 1
  }
  return shared
}
