import type { FileSpan } from '../metainfo/geometry.ts'
import type { DiskSpan } from './jobs.ts'
import { PartLayout } from './part-layout.ts'
import type { StoredFile, StoredTorrent } from './stored-torrent.ts'

/** A move out of the part file. */
export interface PartMove {
  readonly from: DiskSpan
  readonly to: DiskSpan
}

/** Turns ranges of pieces into stretches of files: which bytes lie where, wanted and unwanted. Pure. */
export class FileSpans {
  readonly partPath: string
  readonly partLayout: PartLayout
  /** The shared stretches that the part file keeps. */
  readonly kept = new Set<number>()
  /** Paths that are known to be on disk; a write makes only others. */
  readonly #existing = new Set<string>()
  readonly #torrent: StoredTorrent
  #isWanted: readonly boolean[] = []

  constructor(torrent: StoredTorrent, isWanted: (file: number) => boolean) {
    this.#torrent = torrent
    this.choose(isWanted)
    this.partLayout = new PartLayout(torrent.geometry, torrent.files)
    this.partPath = `.${torrent.id}.shoal-part`
  }

  /** Asks once for each file. Returns the choice before. */
  choose(isWanted: (file: number) => boolean): (file: number) => boolean {
    const before = this.#isWanted
    this.#isWanted = this.#torrent.files.map((_, index) => isWanted(index))
    return file => before[file] === true
  }

  isWanted(file: number): boolean {
    return this.#isWanted[file] === true
  }

  isExisting(path: string): boolean {
    return this.#existing.has(path)
  }

  /** Some of those that are there. */
  existingPaths(limit: number): string[] {
    return [...this.#existing].slice(0, limit)
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
    return this.#spans(piece, begin, length, span => this.kept.has(this.partLayout.indexOf(piece, span.file)))
  }

  /** Bytes of unwanted files in shared pieces go to the part file: see `stretchesToKeep`. */
  forWriting(piece: number, begin: number, length: number): DiskSpan[] {
    return this.#spans(piece, begin, length, span => this.#goesToPart(piece, span.file))
  }

  /** The shared stretches of a range that belong into the part file, and have to be marked there. */
  stretchesToKeep(piece: number, begin: number, length: number): number[] {
    return this.#torrent.geometry
      .spans(piece, begin, length)
      .filter(span => !span.isPad && this.#goesToPart(piece, span.file))
      .map(span => this.partLayout.indexOf(piece, span.file))
  }

  /** For a kept stretch whose file is wanted by now: the way to where it belongs. Null where it is not wanted. */
  moveOut(stretch: number): PartMove | null {
    const place = this.partLayout.stretches[stretch]
    if (place === undefined || !this.isWanted(place.file)) return null
    const { piece, file } = place
    let begin = 0
    for (const span of this.#torrent.geometry.spans(piece, 0, this.#torrent.geometry.pieceLengthOf(piece))) {
      if (span.file === file) return { from: this.#inPart(piece, begin, span.length), to: this.#inFile(span) }
      begin += span.length
    }
    return null
  }

  #goesToPart(piece: number, file: number): boolean {
    return !this.isWanted(file) && this.partLayout.indexOf(piece, file) >= 0
  }

  #spans(piece: number, begin: number, length: number, isInPart: (span: FileSpan) => boolean): DiskSpan[] {
    let at = begin
    return this.#torrent.geometry.spans(piece, begin, length).map(span => {
      const spanBegin = at
      at += span.length
      if (span.isPad) return { path: null, offset: 0, length: span.length }
      return isInPart(span) ? this.#inPart(piece, spanBegin, span.length) : this.#inFile(span)
    })
  }

  #inPart(piece: number, begin: number, length: number): DiskSpan {
    return { path: this.partPath, offset: this.partLayout.placeOf(piece, begin), length }
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
