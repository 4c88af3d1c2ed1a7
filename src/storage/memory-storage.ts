import { StorageError } from '../core/errors.ts'
import { PieceDigester } from './piece-digester.ts'
import { lengthOfParts, PartsCursor } from './shared-parts.ts'
import type { StoredFile, StoredTorrent } from './stored-torrent.ts'
import type { DigestKinds, FileState, PieceDigest, TorrentStorage } from './torrent-storage.ts'

interface MemoryFile {
  bytes: Uint8Array
  /** Counts the changes, as a disk's clock would. */
  mtimeNs: bigint
}

export interface MemoryStorageOptions {
  readonly torrent: StoredTorrent
  readonly isWanted?: (file: number) => boolean
  /** Files that are there already, by path; kept up to date, so that another storage can find them. */
  readonly disk?: MemoryDisk
}

/** The files of a make-believe disk, and the faults it is told to have. For tests and simulations. */
export class MemoryDisk {
  readonly files = new Map<string, MemoryFile>()
  /** Bytes that all files together may have. */
  capacity = Infinity
  /** Thrown by whatever is done next, until it is set to null. */
  fault: StorageError | null = null
  #changes = 0n

  get used(): number {
    let used = 0
    for (const { bytes } of this.files.values()) used += bytes.length
    return used
  }

  /** Grows the file as needed; throws `storage-full` where that is too much. */
  write(path: string, offset: number, bytes: Uint8Array): void {
    const file = this.files.get(path) ?? { bytes: new Uint8Array(0), mtimeNs: 0n }
    const end = offset + bytes.length
    if (end > file.bytes.length) {
      const more = end - file.bytes.length
      if (this.used + more > this.capacity) {
        throw new StorageError('storage-full', `no room for ${path}: free some space`, {
          path,
          systemCode: 'ENOSPC',
        })
      }
      const longer = new Uint8Array(end)
      longer.set(file.bytes)
      file.bytes = longer
    }
    file.bytes.set(bytes, offset)
    file.mtimeNs = ++this.#changes
    this.files.set(path, file)
  }

  /** Throws `file-missing` and `file-truncated`. */
  read(path: string, offset: number, target: Uint8Array): void {
    const file = this.files.get(path)
    if (!file) throw new StorageError('file-missing', `${path} is not there`, { path, systemCode: 'ENOENT' })
    if (offset + target.length > file.bytes.length) {
      throw new StorageError('file-truncated', `${path} ends after ${file.bytes.length} bytes`, { path })
    }
    target.set(file.bytes.subarray(offset, offset + target.length))
  }
}

/** A torrent's bytes in memory: the same promises as `FileStorage`, answered at once. */
export class MemoryStorage implements TorrentStorage {
  readonly disk: MemoryDisk
  readonly #torrent: StoredTorrent
  readonly #isWanted: (file: number) => boolean
  /** Unwanted bytes of shared pieces; in the disk's files they would be seen. */
  readonly #parts = new Map<number, Uint8Array>()

  constructor(options: MemoryStorageOptions) {
    this.disk = options.disk ?? new MemoryDisk()
    this.#torrent = options.torrent
    this.#isWanted = options.isWanted ?? (() => true)
  }

  async prepare(): Promise<void> {
    this.#check()
    for (const [index, { path, length, isPad, isLink }] of this.#torrent.files.entries()) {
      if (length > 0 || isPad || isLink || !this.#isWanted(index)) continue
      if (!this.disk.files.has(path)) this.disk.write(path, 0, new Uint8Array(0))
    }
  }

  async inspect(): Promise<readonly FileState[]> {
    this.#check()
    return this.#torrent.files.map(({ path, isPad }) => {
      const file = isPad ? undefined : this.disk.files.get(path)
      return file ? { length: file.bytes.length, mtimeNs: file.mtimeNs, ino: 0n, dev: 0n } : null
    })
  }

  async write(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    this.#check()
    const isShared = this.#torrent.geometry.filesOf(piece).length > 1
    this.#walk(piece, begin, parts, (file, index, offset, view, at) => {
      if (file.isPad) return
      if (isShared && !this.#isWanted(index)) this.#partOf(piece).set(view, at)
      else this.disk.write(file.path, offset, view)
    })
  }

  async read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    this.#check()
    const kept = this.#parts.get(piece)
    this.#walk(piece, begin, parts, (file, index, offset, view, at) => {
      if (file.isPad) view.fill(0)
      else if (kept && !this.#isWanted(index)) view.set(kept.subarray(at, at + view.length))
      else this.disk.read(file.path, offset, view)
    })
  }

  async digest(piece: number, kinds: DigestKinds): Promise<PieceDigest> {
    const { geometry } = this.#torrent
    const bytes = new Uint8Array(geometry.pieceLengthOf(piece))
    await this.read(piece, 0, [bytes])
    const digester = new PieceDigester(kinds, geometry.contentBytes(piece))
    digester.update(bytes)
    return digester.finish()
  }

  async sync(): Promise<void> {
    this.#check()
  }

  async close(): Promise<void> {}

  #check(): void {
    if (this.disk.fault) throw this.disk.fault
  }

  #walk(
    piece: number,
    begin: number,
    parts: readonly Uint8Array[],
    visit: (file: StoredFile, index: number, offset: number, view: Uint8Array, at: number) => void,
  ): void {
    const cursor = new PartsCursor(parts)
    let at = begin
    for (const span of this.#torrent.geometry.spans(piece, begin, lengthOfParts(parts))) {
      let { offset } = span
      for (const view of cursor.take(span.length)) {
        visit(this.#torrent.files[span.file]!, span.file, offset, view, at)
        offset += view.length
        at += view.length
      }
    }
  }

  #partOf(piece: number): Uint8Array {
    let part = this.#parts.get(piece)
    if (!part) this.#parts.set(piece, (part = new Uint8Array(this.#torrent.geometry.pieceLengthOf(piece))))
    return part
  }
}
