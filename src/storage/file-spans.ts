import type { FileSpan } from '../metainfo/geometry.ts'
import type { DiskSpan } from './jobs.ts'
import { PartLayout } from './part-layout.ts'
import type { StoredFile, StoredTorrent } from './stored-torrent.ts'

/** Turns ranges of pieces into stretches of files: which bytes lie where, wanted and unwanted. Pure. */
export class FileSpans {
  readonly partPath: string
  readonly partLayout: PartLayout
  /** Shared pieces of which the part file keeps something. */
  readonly kept = new Set<number>()
  /** Paths that are known to be on disk; a write makes only others. */
  readonly #existing = new Set<string>()
  readonly #torrent: StoredTorrent
  readonly #isWanted: readonly boolean[]

  constructor(torrent: StoredTorrent, isWanted: (file: number) => boolean) {
    this.#torrent = torrent
    this.#isWanted = torrent.files.map((_, index) => isWanted(index))
    this.partLayout = new PartLayout(torrent.geometry, torrent.files)
    this.partPath = `.${torrent.id}.shoal-part`
  }

  isWanted(file: number): boolean {
    return this.#isWanted[file] === true
  }

  setExisting(file: number, isThere: boolean): void {
    const { path } = this.#file(file)
    if (isThere) this.#existing.add(path)
    else this.#existing.delete(path)
  }

  /** These stretches were written, so their files are there. */
  written(spans: readonly DiskSpan[]): void {
    for (const { path, mayCreate } of spans) if (path !== null && mayCreate) this.#existing.add(path)
  }

  forReading(piece: number, begin: number, length: number): DiskSpan[] {
    const isKept = this.kept.has(piece)
    return this.#spans(piece, begin, length, span => !isKept || this.isWanted(span.file))
  }

  /** Unwanted bytes of a shared piece go to the part file, whose mark the caller has to set. */
  forWriting(piece: number, begin: number, length: number): DiskSpan[] {
    const isShared = this.partLayout.isShared(piece)
    return this.#spans(piece, begin, length, span => !isShared || this.isWanted(span.file))
  }

  /** Where the part file keeps wanted bytes of a piece, and where they belong. */
  toImport(piece: number): { readonly from: DiskSpan; readonly to: DiskSpan }[] {
    const length = this.#torrent.geometry.pieceLengthOf(piece)
    const moves: { from: DiskSpan; to: DiskSpan }[] = []
    let begin = 0
    for (const span of this.#torrent.geometry.spans(piece, 0, length)) {
      if (!span.isPad && this.isWanted(span.file)) {
        moves.push({ from: this.#inPart(piece, begin, span.length), to: this.#inFile(span) })
      }
      begin += span.length
    }
    return moves
  }

  /** Whether some bytes of the piece belong to files that are not wanted. */
  hasUnwanted(piece: number): boolean {
    return this.#torrent.geometry.filesOf(piece).some(file => !this.isWanted(file))
  }

  #spans(piece: number, begin: number, length: number, isInFile: (span: FileSpan) => boolean): DiskSpan[] {
    let at = begin
    return this.#torrent.geometry.spans(piece, begin, length).map(span => {
      const spanBegin = at
      at += span.length
      if (span.isPad) return { path: null, offset: 0, length: span.length }
      return isInFile(span) ? this.#inFile(span) : this.#inPart(piece, spanBegin, span.length)
    })
  }

  #inPart(piece: number, begin: number, length: number): DiskSpan {
    return { path: this.partPath, offset: this.partLayout.place(piece, begin), length }
  }

  #inFile({ file, offset, length }: FileSpan): DiskSpan {
    const { path, isExecutable } = this.#file(file)
    const mayCreate = !this.#existing.has(path)
    return { path, offset, length, ...(mayCreate && { mayCreate, isExecutable }) }
  }

  #file(index: number): StoredFile {
    const file = this.#torrent.files[index]
    if (file === undefined) throw new RangeError(`no file ${index} among ${this.#torrent.files.length}`)
    return file
  }
}
