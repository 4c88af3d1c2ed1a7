import type { StorageError } from '../core/errors.ts'
import { DiskFolder, isUnmounted } from './disk-folder.ts'
import type { DiskLane, DiskWorkers } from './disk-workers.ts'
import { FileSpans } from './file-spans.ts'
import { Gate } from './gate.ts'
import { planLinks } from './link-plan.ts'
import { STORAGE_LIMITS } from './limits.ts'
import { PartFile } from './part-file.ts'
import { lengthOfParts, requireShared } from './shared-parts.ts'
import type { StoredTorrent } from './stored-torrent.ts'
import type {
  DigestKinds,
  DiskLook,
  FileState,
  PieceDigest,
  PieceHasher,
  TorrentStorage,
} from './torrent-storage.ts'

export interface FileStorageOptions {
  /** See `storedTorrent`. */
  readonly torrent: StoredTorrent
  /** The folder that the torrent's file or folder lies in. */
  readonly root: string
  /** Asked once for each file. Default: all are. */
  readonly isWanted?: (file: number) => boolean
  readonly workers: DiskWorkers
  /** Told of each link (BEP 47) that could not be made; the torrent is whole without it. */
  readonly onLinkFault?: (fault: StorageError) => void
}

/**
 * A torrent's files below a folder. Unwanted bytes that share a piece with wanted ones lie in a hidden file beside
 * them (`PartFile`). All file calls happen in the threads of the folder's device.
 */
export class FileStorage implements TorrentStorage {
  readonly hasher: PieceHasher | null
  readonly #torrent: StoredTorrent
  readonly #spans: FileSpans
  readonly #folder: DiskFolder
  readonly #partFile: PartFile
  readonly #onLinkFault: (fault: StorageError) => void
  readonly #gate = new Gate()

  private constructor(options: FileStorageOptions, lane: DiskLane) {
    this.hasher = lane.hasher
    this.#torrent = options.torrent
    this.#onLinkFault = options.onLinkFault ?? (() => undefined)
    this.#spans = new FileSpans(options.torrent, options.isWanted ?? (() => true))
    this.#folder = new DiskFolder(options.root, lane)
    this.#partFile = new PartFile(this.#folder, this.#spans)
  }

  /** Looks only for the folder's device; nothing is made or read. */
  static async open(options: FileStorageOptions): Promise<FileStorage> {
    return new FileStorage(options, await options.workers.laneOf(options.root))
  }

  async prepare(): Promise<readonly FileState[]> {
    const wanted = this.#torrent.files.filter((_, index) => this.#spans.isWanted(index))
    const linkFaults = await this.#folder.prepare(
      wanted
        .filter(isOnDisk)
        .map(({ path, length, isExecutable }) => ({ path, isEmpty: length === 0, isExecutable })),
      planLinks(wanted),
    )
    for (const fault of linkFaults) this.#onLinkFault(fault)
    const states = await this.inspect()
    return (await this.#partFile.open()) ? this.inspect() : states
  }

  select(isWanted: (file: number) => boolean): Promise<readonly FileState[]> {
    return this.#gate.alone(async () => {
      const before = this.#spans.choose(isWanted)
      try {
        return await this.#onceBack(() => this.prepare())
      } catch (error) {
        this.#spans.choose(before)
        throw error
      }
    })
  }

  syncExisting(): void {
    const { files } = this.#torrent
    const wanted = files.filter((file, index) => this.#spans.isWanted(index) && isOnDisk(file))
    this.#folder.includeInSync(wanted.map(file => file.path).filter(path => this.#spans.isExisting(path)))
  }

  async inspect(): Promise<readonly FileState[]> {
    const { files } = this.#torrent
    const indices = [...files.keys()].filter(index => isOnDisk(files[index]!))
    const found = await this.#folder.look(indices.map(index => files[index]!.path))
    const states = files.map((): FileState => null)
    for (const [at, index] of indices.entries()) {
      const state = found[at] ?? null
      states[index] = state
      this.#spans.setExisting(index, state !== null)
    }
    return states
  }

  lookAtDisk(): Promise<DiskLook> {
    return this.#folder.lookAtDisk()
  }

  write(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#gate.pass(() => this.#write(piece, begin, parts))
  }

  read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#gate.pass(() => this.#read(piece, begin, parts))
  }

  async #write(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    requireShared(parts)
    const length = lengthOfParts(parts)
    const spans = this.#spans.forWriting(piece, begin, length)
    const toKeep = this.#spans.stretchesToKeep(piece, begin, length)
    await this.#onceBack(() =>
      toKeep.length > 0 ? this.#partFile.write(spans, parts, toKeep) : this.#folder.write(spans, parts),
    )
    this.#spans.written(spans)
  }

  async #read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    requireShared(parts)
    const spans = this.#spans.forReading(piece, begin, lengthOfParts(parts))
    await this.#onceBack(() => this.#folder.read(spans, parts))
  }

  async digest(piece: number, kinds: DigestKinds): Promise<PieceDigest> {
    const [digest] = await this.digestRun([{ piece, kinds }])
    if (digest === undefined || digest instanceof Error) throw digest ?? new RangeError('no digest came')
    return digest
  }

  /** Hashes several pieces in one job, for checks of many small ones. A piece that cannot be read has its error. */
  digestRun(
    run: readonly { readonly piece: number; readonly kinds: DigestKinds }[],
  ): Promise<(PieceDigest | StorageError)[]> {
    const { geometry } = this.#torrent
    return this.#gate.pass(() =>
      this.#folder.digest(
        run.map(({ piece, kinds }) => ({
          spans: this.#spans.forReading(piece, 0, geometry.pieceLengthOf(piece)),
          contentLength: geometry.contentBytes(piece),
          kinds,
        })),
      ),
    )
  }

  sync(): Promise<void> {
    return this.#folder.sync()
  }

  close(): Promise<void> {
    const paths = this.#torrent.files.filter(isOnDisk).map(file => file.path)
    return this.#gate.alone(() => this.#folder.close([...paths, this.#spans.partPath]))
  }

  /** A disk that is mounted again is another folder to the system: our files in it say that it is the one. */
  async #onceBack<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      if (!isUnmounted(error)) throw error
      await this.#folder.look(this.#spans.existingPaths(STORAGE_LIMITS.filesInspected))
      return await act()
    }
  }
}

function isOnDisk(file: { readonly isPad: boolean; readonly isLink: boolean }): boolean {
  return !file.isPad && !file.isLink
}
