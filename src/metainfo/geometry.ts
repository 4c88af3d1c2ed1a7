import { UsageError } from '../core/errors.ts'

/** What one REQUEST asks for, and what one leaf of a v2 merkle tree covers (BEP 3, BEP 52): 16 KiB. */
export const BLOCK_LENGTH = 16_384

const NONE: readonly number[] = []

/** A stretch of one file. */
export interface FileSpan {
  /** Index into the torrent's files, pads counted. */
  readonly file: number
  /** In bytes from the start of the file. */
  readonly offset: number
  readonly length: number
  /** True for zeros that are nowhere on disk. */
  readonly isPad: boolean
}

export interface GeometryOptions {
  readonly pieceLength: number
  /** In the order of the torrent. */
  readonly files: readonly { readonly length: number; readonly isPad?: boolean }[]
  /**
   * `packed`: file follows file without a gap, pads are files (v1, hybrid). `aligned`: each file that is not empty
   * starts a piece, and the gap before the next exists nowhere (v2 alone, BEP 52).
   */
  readonly layout: 'packed' | 'aligned'
}

/**
 * All arithmetic between pieces, blocks and files. A *begin* is an offset in a piece, an *offset* one in the torrent
 * or in a file; all are in bytes. Arguments must exist: an index out of range has no meaning here; `isRange` judges
 * what a stranger sent.
 */
export class Geometry {
  readonly pieceLength: number
  readonly pieceCount: number
  readonly fileCount: number
  readonly layout: 'packed' | 'aligned'
  /** Bytes of all files, pads left out. */
  readonly contentLength: number
  /** Bytes from the start of the first piece to the end of the last, pads (or gaps) counted. */
  readonly totalLength: number
  /** Blocks of all pieces. */
  readonly totalBlocks: number

  /** One more than there are files: the last is where a next file would start. */
  readonly #offsets: Float64Array
  readonly #lengths: Float64Array
  readonly #isPad: Uint8Array
  readonly #hasPads: boolean

  constructor({ pieceLength, files, layout }: GeometryOptions) {
    if (!Number.isSafeInteger(pieceLength) || pieceLength < 1) {
      throw new UsageError('piece-length-invalid', `a piece cannot have ${pieceLength} bytes`)
    }
    this.pieceLength = pieceLength
    this.layout = layout
    this.fileCount = files.length
    this.#offsets = new Float64Array(files.length + 1)
    this.#lengths = new Float64Array(files.length)
    this.#isPad = new Uint8Array(files.length)
    let content = 0
    let end = 0
    for (const [index, { length, isPad = false }] of files.entries()) {
      const offset = layout === 'aligned' && length > 0 ? roundUp(end, pieceLength) : end
      this.#offsets[index] = offset
      this.#lengths[index] = length
      this.#isPad[index] = isPad ? 1 : 0
      end = offset + length
      if (!isPad) content += length
    }
    this.#offsets[files.length] = end
    this.contentLength = content
    this.totalLength = end
    this.#hasPads = files.some(file => file.isPad)
    this.pieceCount = Math.ceil(end / pieceLength)
    this.totalBlocks = this.#countBlocks()
  }

  /** Where a file starts in the torrent. */
  fileOffset(file: number): number {
    return this.#offsets[file]!
  }

  fileLength(file: number): number {
    return this.#lengths[file]!
  }

  isPad(file: number): boolean {
    return this.#isPad[file] === 1
  }

  /** Bytes that are asked for on the wire. In an aligned layout the last piece of each file may be short. */
  pieceLengthOf(piece: number): number {
    const start = piece * this.pieceLength
    return Math.min(this.pieceLength, this.#pieceEnd(piece) - start)
  }

  blockCount(piece: number): number {
    return Math.ceil(this.pieceLengthOf(piece) / BLOCK_LENGTH)
  }

  blockLength(piece: number, block: number): number {
    return Math.min(BLOCK_LENGTH, this.pieceLengthOf(piece) - block * BLOCK_LENGTH)
  }

  /**
   * The blocks of a piece that are nothing but pad, in order: zeros that need not come from anybody. A gap of an aligned
   * layout is in no block.
   */
  padBlocks(piece: number): readonly number[] {
    if (!this.#hasPads) return NONE
    const hasContent = new Uint8Array(this.blockCount(piece))
    let at = 0
    for (const { isPad, length } of this.spans(piece, 0, this.pieceLengthOf(piece))) {
      const end = at + length
      if (!isPad) hasContent.fill(1, Math.floor(at / BLOCK_LENGTH), Math.ceil(end / BLOCK_LENGTH))
      at = end
    }
    return [...hasContent.keys()].filter(block => hasContent[block] === 0)
  }

  /** Bytes of a piece that have to come from somebody: all but those of blocks that are nothing but pad. */
  fetchedBytes(piece: number): number {
    let bytes = this.pieceLengthOf(piece)
    for (const block of this.padBlocks(piece)) bytes -= this.blockLength(piece, block)
    return bytes
  }

  /**
   * Whether the piece exists and has these bytes: for numbers that a stranger sent. In an aligned layout every piece
   * can be asked for as if it were whole, its gap being zeros: libtorrent before 2.1 does so.
   */
  isRange(piece: number, begin: number, length: number): boolean {
    if (!Number.isInteger(piece) || piece < 0 || piece >= this.pieceCount) return false
    const end = this.layout === 'aligned' ? this.pieceLength : this.pieceLengthOf(piece)
    return begin >= 0 && length > 0 && begin + length <= end
  }

  /** Where the bytes of a range lie, in order. Empty files have none; a gap is a pad of the file before it. */
  spans(piece: number, begin: number, length: number): FileSpan[] {
    if (this.layout === 'aligned') return this.#alignedSpans(piece, begin, length)
    const spans: FileSpan[] = []
    let offset = piece * this.pieceLength + begin
    const end = offset + length
    for (let file = this.#fileAt(offset); file < this.fileCount && offset < end; file++) {
      const fileStart = this.#offsets[file]!
      const taken = Math.min(end, fileStart + this.#lengths[file]!) - offset
      if (taken <= 0) continue
      spans.push({ file, offset: offset - fileStart, length: taken, isPad: this.isPad(file) })
      offset += taken
    }
    return spans
  }

  /** The pieces that hold bytes of a file; `end` is exclusive. An empty file has none: `first === end`. */
  piecesOf(file: number): { first: number; end: number } {
    const start = this.#offsets[file]!
    const length = this.#lengths[file]!
    const first = Math.floor(start / this.pieceLength)
    return { first, end: length === 0 ? first : Math.ceil((start + length) / this.pieceLength) }
  }

  /** The files that have bytes in a piece, pads left out. */
  filesOf(piece: number): number[] {
    return this.spans(piece, 0, this.pieceLengthOf(piece))
      .filter(span => !span.isPad)
      .map(span => span.file)
  }

  /** Bytes of a piece that belong to files, pads left out: what `left` and progress count. */
  contentBytes(piece: number): number {
    if (!this.#hasPads) return this.pieceLengthOf(piece)
    let bytes = 0
    for (const span of this.spans(piece, 0, this.pieceLengthOf(piece))) if (!span.isPad) bytes += span.length
    return bytes
  }

  /**
   * v2: how many 16 KiB leaves of the piece hold content, and how wide the subtree is that they hash to: a whole
   * piece's, or, for a file that fits into one piece, that of the file.
   */
  leavesOf(piece: number): { leaves: number; paddedLeaves: number } {
    const leaves = Math.ceil(this.contentBytes(piece) / BLOCK_LENGTH)
    const [file] = this.filesOf(piece)
    const isWholeFile = file !== undefined && this.#lengths[file]! <= this.pieceLength
    return {
      leaves,
      paddedLeaves: isWholeFile ? roundUpToPowerOfTwo(leaves) : this.pieceLength / BLOCK_LENGTH,
    }
  }

  /** A piece holds one file, and then perhaps a gap. */
  #alignedSpans(piece: number, begin: number, length: number): FileSpan[] {
    const file = this.#fileAt(piece * this.pieceLength)
    const offset = piece * this.pieceLength + begin - this.#offsets[file]!
    const content = Math.max(0, Math.min(length, this.#lengths[file]! - offset))
    const spans: FileSpan[] = []
    if (content > 0) spans.push({ file, offset, length: content, isPad: false })
    if (content < length)
      spans.push({ file, offset: offset + content, length: length - content, isPad: true })
    return spans
  }

  /** Where the bytes of a piece end in the torrent. */
  #pieceEnd(piece: number): number {
    const start = piece * this.pieceLength
    if (this.layout === 'packed') return Math.min(start + this.pieceLength, this.totalLength)
    const file = this.#fileAt(start)
    return this.#offsets[file]! + this.#lengths[file]!
  }

  /** The file, not empty, that holds the byte at `offset`. */
  #fileAt(offset: number): number {
    let low = 0
    let high = this.fileCount - 1
    // The last file that starts at or before it: of several at one place, all but the last are empty.
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#offsets[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  #countBlocks(): number {
    if (this.pieceCount === 0) return 0
    if (this.layout === 'packed') {
      const blocksOfPiece = Math.ceil(this.pieceLength / BLOCK_LENGTH)
      return (this.pieceCount - 1) * blocksOfPiece + this.blockCount(this.pieceCount - 1)
    }
    let blocks = 0
    for (const length of this.#lengths) {
      const whole = Math.floor(length / this.pieceLength)
      const rest = length - whole * this.pieceLength
      blocks += whole * Math.ceil(this.pieceLength / BLOCK_LENGTH) + Math.ceil(rest / BLOCK_LENGTH)
    }
    return blocks
  }
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}

function roundUpToPowerOfTwo(value: number): number {
  let power = 1
  while (power < value) power *= 2
  return power
}
