import { utf8Bytes } from '../core/bytes.ts'
import type { Geometry } from '../metainfo/geometry.ts'
import type { StoredFile } from './stored-torrent.ts'

const MAGIC = utf8Bytes('shoal parts 1\n\0\0')
const PAGE = 4096

/** The bytes that one file has in a piece which it shares with other files. */
export interface SharedStretch {
  readonly piece: number
  readonly file: number
}

/**
 * Where the part file keeps the bytes of unwanted files that share a piece with wanted ones: 16 bytes that say what
 * it is, a mark for each shared stretch (1: kept here), and from the next page on a place for each shared piece. What
 * is shared depends on the torrent alone, so a changed choice of files moves nothing.
 */
export class PartLayout {
  /** Length of everything before the first piece's place. */
  readonly headLength: number
  /** In order. Bounded by twice the torrent's files. */
  readonly stretches: readonly SharedStretch[]
  readonly #pieceLength: number
  readonly #ranks = new Map<number, number>()
  /** The first stretch of each shared piece. */
  readonly #firsts = new Map<number, number>()

  constructor(geometry: Geometry, files: readonly StoredFile[]) {
    this.stretches = sharedStretches(geometry, files)
    for (const [index, { piece }] of this.stretches.entries()) {
      if (this.#firsts.has(piece)) continue
      this.#ranks.set(piece, this.#ranks.size)
      this.#firsts.set(piece, index)
    }
    this.#pieceLength = geometry.pieceLength
    this.headLength = Math.ceil((MAGIC.length + this.stretches.length) / PAGE) * PAGE
  }

  /** Which of the stretches it is; -1 where the file has the piece to itself. */
  indexOf(piece: number, file: number): number {
    const first = this.#firsts.get(piece)
    if (first === undefined) return -1
    for (let index = first; this.stretches[index]?.piece === piece; index++) {
      if (this.stretches[index]?.file === file) return index
    }
    return -1
  }

  /** Where the bytes of a shared piece from `begin` on are kept. */
  placeOf(piece: number, begin: number): number {
    const rank = this.#ranks.get(piece)
    if (rank === undefined) throw new RangeError(`piece ${piece} lies in one file alone`)
    return this.headLength + rank * this.#pieceLength + begin
  }

  /** Where the byte is that says whether a stretch is kept. */
  markOf(index: number): number {
    return MAGIC.length + index
  }

  /** The head of a part file that keeps these stretches. */
  encodeHead(kept: ReadonlySet<number>): Uint8Array {
    const head = new Uint8Array(this.headLength)
    head.set(MAGIC)
    for (const index of kept) head[this.markOf(index)] = 1
    return head
  }

  /** The stretches that are kept; none where this is the head of something else. */
  decodeHead(head: Uint8Array): Set<number> {
    if (head.length < this.headLength || MAGIC.some((byte, at) => head[at] !== byte)) return new Set()
    return new Set([...this.stretches.keys()].filter(index => head[this.markOf(index)] === 1))
  }
}

function sharedStretches(geometry: Geometry, files: readonly StoredFile[]): SharedStretch[] {
  const candidates: SharedStretch[] = []
  for (const [file, { isPad, length }] of files.entries()) {
    if (isPad || length === 0) continue
    const { first, end } = geometry.piecesOf(file)
    candidates.push({ piece: first, file })
    if (end - 1 > first) candidates.push({ piece: end - 1, file })
  }
  // A piece that several files begin or end in has its candidates side by side.
  return candidates.filter(
    ({ piece }, index) => candidates[index - 1]?.piece === piece || candidates[index + 1]?.piece === piece,
  )
}
