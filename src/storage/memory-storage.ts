import { StorageError } from '../core/errors.ts'
import type { FileSpan } from '../metainfo/geometry.ts'
import { Gate } from './gate.ts'
import { PieceDigester } from './piece-digester.ts'
import { lengthOfParts, PartsCursor } from './shared-parts.ts'
import { type StoredTorrent, withNames } from './stored-torrent.ts'
import type {
  DigestKinds,
  DiskLook,
  FileState,
  PieceDigest,
  RelocateOptions,
  StoragePlace,
  TorrentStorage,
} from './torrent-storage.ts'

interface MemoryFile {
  bytes: Uint8Array
  /** Counts the changes, as a disk's clock would. */
  mtimeNs: bigint
}

/** A stretch of a file in memory. */
interface FileView {
  readonly file: number
  readonly isPad: boolean
  readonly offset: number
  readonly view: Uint8Array
}

export interface MemoryStorageOptions {
  readonly torrent: StoredTorrent
  readonly isWanted?: (file: number) => boolean
  /** Files that are there already, by path; kept up to date, so that another storage can find them. */
  readonly disk?: MemoryDisk
  /** The disk that a folder is on, for moves; null: the same. */
  readonly diskOf?: (folder: string) => MemoryDisk | null
  /** Files that are called otherwise. */
  readonly names?: ReadonlyMap<number, string>
}

/** The files of a make-believe disk, and the faults it is told to have. For tests and simulations. */
export class MemoryDisk {
  readonly files = new Map<string, MemoryFile>()
  /** What a part file keeps: the bytes of an unwanted file in a piece that it shares, by torrent, piece and file. */
  readonly kept = new Map<string, Uint8Array>()
  /** Bytes that all files together may have. */
  capacity = Infinity
  /** Another number: another disk. */
  device = 0n
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
  readonly #diskOf: (folder: string) => MemoryDisk | null
  /** Under the names that its files have where nothing was renamed. */
  readonly #unnamed: StoredTorrent
  #torrent: StoredTorrent
  #disk: MemoryDisk
  readonly #gate = new Gate()
  #isWanted: (file: number) => boolean = () => true

  constructor(options: MemoryStorageOptions) {
    this.#disk = options.disk ?? new MemoryDisk()
    this.#diskOf = options.diskOf ?? (() => null)
    this.#unnamed = options.torrent
    this.#torrent = withNames(options.torrent, options.names ?? new Map())
    this.#choose(options.isWanted ?? (() => true))
  }

  get disk(): MemoryDisk {
    return this.#disk
  }

  /** Asked once for each file. */
  #choose(isWanted: (file: number) => boolean): void {
    const choice = this.#torrent.files.map((_, file) => isWanted(file))
    this.#isWanted = file => choice[file] === true
  }

  async prepare(): Promise<readonly FileState[]> {
    this.#check()
    for (const [index, { path, length, isPad, isLink }] of this.#torrent.files.entries()) {
      if (length > 0 || isPad || isLink || !this.#isWanted(index)) continue
      if (!this.#disk.files.has(path)) this.#disk.write(path, 0, new Uint8Array(0))
    }
    this.#moveOut()
    return this.inspect()
  }

  async select(isWanted: (file: number) => boolean): Promise<readonly FileState[]> {
    const before = this.#isWanted
    this.#choose(isWanted)
    try {
      return await this.prepare()
    } catch (error) {
      this.#isWanted = before
      throw error
    }
  }

  async inspect(): Promise<readonly FileState[]> {
    this.#check()
    return this.#torrent.files.map(({ path, isPad }) => {
      const file = isPad ? undefined : this.#disk.files.get(path)
      return file
        ? { length: file.bytes.length, mtimeNs: file.mtimeNs, ino: 0n, dev: this.#disk.device }
        : null
    })
  }

  relocate(place: StoragePlace, options: RelocateOptions): Promise<readonly StorageError[]> {
    return this.#gate.alone(() => this.#relocate(place, options))
  }

  async #relocate(
    { folder, names }: StoragePlace,
    { commit }: RelocateOptions,
  ): Promise<readonly StorageError[]> {
    this.#check()
    const before = { torrent: this.#torrent, disk: this.#disk }
    const there = { torrent: withNames(this.#unnamed, names), disk: this.#diskOf(folder) ?? before.disk }
    const moves = before.torrent.files.flatMap(({ path: from }, index) => {
      const to = there.torrent.files[index]!.path
      const file = before.disk.files.get(from)
      return file && (from !== to || before.disk !== there.disk) ? [{ from, to, file }] : []
    })
    const taken = moves.find(({ to }) => there.disk.files.has(to))
    if (taken) throw new StorageError('file-exists', `${taken.to} is there already`, { path: taken.to })
    for (const { to, file } of moves) there.disk.files.set(to, file)
    this.#torrent = there.torrent
    this.#disk = there.disk
    try {
      await commit(await this.inspect())
    } catch (error) {
      this.#torrent = before.torrent
      this.#disk = before.disk
      for (const { to } of moves) there.disk.files.delete(to)
      throw error
    }
    for (const { from } of moves) before.disk.files.delete(from)
    if (before.disk !== there.disk) this.#takeKept(before.disk)
    return []
  }

  #takeKept(from: MemoryDisk): void {
    for (const [key, bytes] of from.kept) {
      if (!key.startsWith(`${this.#torrent.id} `)) continue
      this.#disk.kept.set(key, bytes)
      from.kept.delete(key)
    }
  }

  async lookAtDisk(): Promise<DiskLook> {
    this.#check()
    const { device, capacity, used } = this.#disk
    return { device, free: capacity === Infinity ? null : Math.max(0, capacity - used) }
  }

  write(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#gate.pass(async () => this.#write(piece, begin, parts))
  }

  #write(piece: number, begin: number, parts: readonly Uint8Array[]): void {
    this.#check()
    for (const { file, isPad, offset, view } of this.#views(piece, begin, parts)) {
      if (isPad) continue
      if (!this.#isWanted(file) && this.#isShared(piece)) this.#keep(piece, file, offset, view)
      else this.#disk.write(this.#pathOf(file), offset, view)
    }
  }

  async read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    this.#check()
    for (const { file, isPad, offset, view } of this.#views(piece, begin, parts)) {
      const kept = this.#disk.kept.get(this.#keyOf(piece, file))
      if (isPad) view.fill(0)
      else if (kept) view.set(kept.subarray(offset - this.#startIn(piece, file)).subarray(0, view.length))
      else this.#disk.read(this.#pathOf(file), offset, view)
    }
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

  syncExisting(): void {}

  async close(): Promise<void> {}

  #check(): void {
    if (this.#disk.fault) throw this.#disk.fault
  }

  /** The parts, cut where files meet. */
  *#views(piece: number, begin: number, parts: readonly Uint8Array[]): Generator<FileView> {
    const cursor = new PartsCursor(parts)
    for (const span of this.#torrent.geometry.spans(piece, begin, lengthOfParts(parts))) {
      let { offset } = span
      for (const view of cursor.take(span.length)) {
        yield { file: span.file, isPad: span.isPad, offset, view }
        offset += view.length
      }
    }
  }

  #pathOf(file: number): string {
    return this.#torrent.files[file]?.path ?? ''
  }

  #isShared(piece: number): boolean {
    return this.#torrent.geometry.filesOf(piece).length > 1
  }

  #keep(piece: number, file: number, offset: number, view: Uint8Array): void {
    const key = this.#keyOf(piece, file)
    const kept = this.#disk.kept.get(key) ?? new Uint8Array(this.#spanOf(piece, file).length)
    kept.set(view, offset - this.#startIn(piece, file))
    this.#disk.kept.set(key, kept)
  }

  /** Kept bytes of files that are wanted by now go where they belong. */
  #moveOut(): void {
    for (const [key, bytes] of this.#disk.kept) {
      const [id, piece, file] = key.split(' ')
      if (id !== this.#torrent.id || !this.#isWanted(Number(file))) continue
      this.#disk.write(this.#pathOf(Number(file)), this.#startIn(Number(piece), Number(file)), bytes)
      this.#disk.kept.delete(key)
    }
  }

  #keyOf(piece: number, file: number): string {
    return `${this.#torrent.id} ${piece} ${file}`
  }

  #startIn(piece: number, file: number): number {
    return this.#spanOf(piece, file).offset
  }

  #spanOf(piece: number, file: number): FileSpan {
    const { geometry } = this.#torrent
    const span = geometry.spans(piece, 0, geometry.pieceLengthOf(piece)).find(span => span.file === file)
    if (span === undefined) throw new RangeError(`file ${file} has no bytes in piece ${piece}`)
    return span
  }
}
