import type { StorageError } from '../core/errors.ts'
import { DiskFolder, isUnmounted } from './disk-folder.ts'
import type { DiskLane, DiskWorkers } from './disk-workers.ts'
import { FileMover, type MovingFile } from './file-mover.ts'
import { FileSpans } from './file-spans.ts'
import { Gate } from './gate.ts'
import { planLinks } from './link-plan.ts'
import { STORAGE_LIMITS } from './limits.ts'
import { PartFile } from './part-file.ts'
import { lengthOfParts, requireShared } from './shared-parts.ts'
import { type StoredTorrent, withNames } from './stored-torrent.ts'
import type {
  DigestKinds,
  DiskLook,
  FileState,
  PieceDigest,
  PieceHasher,
  RelocateOptions,
  StoragePlace,
  TorrentStorage,
} from './torrent-storage.ts'

export interface FileStorageOptions {
  /** See `storedTorrent`. */
  readonly torrent: StoredTorrent
  /** The folder that the torrent's file or folder lies in. */
  readonly root: string
  /** Asked once for each file. Default: all are. */
  readonly isWanted?: (file: number) => boolean
  /** Files that are called otherwise. */
  readonly names?: ReadonlyMap<number, string>
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
  /** Under the names that its files have where nothing was renamed. */
  readonly #torrent: StoredTorrent
  readonly #workers: DiskWorkers
  readonly #onLinkFault: (fault: StorageError) => void
  readonly #gate = new Gate()
  /** Passed before the other one by all that writes: a move lets reads go on. */
  readonly #writes = new Gate()
  #here: Laid

  private constructor(options: FileStorageOptions, lane: DiskLane) {
    this.hasher = lane.hasher
    this.#torrent = options.torrent
    this.#workers = options.workers
    this.#onLinkFault = options.onLinkFault ?? (() => undefined)
    const { torrent, root: folder, names = new Map() } = options
    this.#here = lay(torrent, { folder, names }, { lane, isWanted: options.isWanted ?? (() => true) })
  }

  /** Looks only for the folder's device; nothing is made or read. */
  static async open(options: FileStorageOptions): Promise<FileStorage> {
    return new FileStorage(options, await options.workers.laneOf(options.root))
  }

  async prepare(): Promise<readonly FileState[]> {
    const wanted = this.#here.torrent.files.filter((_, index) => this.#here.spans.isWanted(index))
    const linkFaults = await this.#here.folder.prepare(
      wanted
        .filter(isOnDisk)
        .map(({ path, length, isExecutable }) => ({ path, isEmpty: length === 0, isExecutable })),
      planLinks(wanted),
    )
    for (const fault of linkFaults) this.#onLinkFault(fault)
    const states = await this.inspect()
    return (await this.#here.partFile.open()) ? this.inspect() : states
  }

  select(isWanted: (file: number) => boolean): Promise<readonly FileState[]> {
    return this.#alone(async () => {
      const before = this.#here.spans.choose(isWanted)
      try {
        return await this.#onceBack(() => this.prepare())
      } catch (error) {
        this.#here.spans.choose(before)
        throw error
      }
    })
  }

  relocate(place: StoragePlace, options: RelocateOptions): Promise<readonly StorageError[]> {
    return this.#writes.alone(async () => {
      const before = this.#here
      const lane = await this.#workers.laneOf(place.folder)
      const there = lay(this.#torrent, place, { lane, isWanted: file => before.spans.isWanted(file) })
      const files = await movesBetween(before, there)
      const mover = new FileMover({ from: before.folder, to: there.folder, files, id: this.#torrent.id })
      try {
        await mover.bring(options)
        await this.#gate.alone(() => this.#liesIn(there, options))
      } catch (error) {
        // Why it did not go well says more than what is left of it.
        await mover.takeBack()
        if (before.lane === there.lane) before.folder.heed(there.folder)
        throw error
      }
      await before.folder.close(pathsOf(before))
      await removeLinks(before, there)
      return await mover.leave()
    })
  }

  async #liesIn(there: Laid, { commit }: RelocateOptions): Promise<void> {
    const before = this.#here
    this.#here = there
    try {
      const files = await this.prepare()
      there.folder.succeed(before.folder, existingPathsOf(there))
      await there.folder.sync()
      await commit(files)
    } catch (error) {
      this.#here = before
      throw error
    }
  }

  syncExisting(): void {
    // Wanted or not: pieces that are found good may lie in all of them.
    this.#here.folder.includeInSync(existingPathsOf(this.#here))
  }

  async inspect(): Promise<readonly FileState[]> {
    const { files } = this.#here.torrent
    const indices = [...files.keys()].filter(index => isOnDisk(files[index]!))
    const found = await this.#here.folder.look(indices.map(index => files[index]!.path))
    const states = files.map((): FileState => null)
    for (const [at, index] of indices.entries()) {
      const state = found[at] ?? null
      states[index] = state
      this.#here.spans.setExisting(index, state !== null)
    }
    return states
  }

  lookAtDisk(): Promise<DiskLook> {
    return this.#here.folder.lookAtDisk()
  }

  write(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#writes.pass(() => this.#gate.pass(() => this.#write(piece, begin, parts)))
  }

  read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#gate.pass(() => this.#read(piece, begin, parts))
  }

  async #write(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    requireShared(parts)
    const length = lengthOfParts(parts)
    const spans = this.#here.spans.forWriting(piece, begin, length)
    const toKeep = this.#here.spans.stretchesToKeep(piece, begin, length)
    await this.#onceBack(() =>
      toKeep.length > 0
        ? this.#here.partFile.write(spans, parts, toKeep)
        : this.#here.folder.write(spans, parts),
    )
    this.#here.spans.written(spans)
  }

  async #read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    requireShared(parts)
    const spans = this.#here.spans.forReading(piece, begin, lengthOfParts(parts))
    await this.#onceBack(() => this.#here.folder.read(spans, parts))
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
    const { geometry } = this.#here.torrent
    return this.#gate.pass(() =>
      this.#here.folder.digest(
        run.map(({ piece, kinds }) => ({
          spans: this.#here.spans.forReading(piece, 0, geometry.pieceLengthOf(piece)),
          contentLength: geometry.contentBytes(piece),
          kinds,
        })),
      ),
    )
  }

  sync(): Promise<void> {
    return this.#gate.pass(() => this.#here.folder.sync())
  }

  close(): Promise<void> {
    return this.#alone(() => this.#here.folder.close(pathsOf(this.#here)))
  }

  /** Neither reads nor writes are under way meanwhile. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#writes.alone(() => this.#gate.alone(work))
  }

  /** A disk that is mounted again is another folder to the system: our files in it say that it is the one. */
  async #onceBack<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      if (!isUnmounted(error)) throw error
      await this.#here.folder.look(this.#here.spans.existingPaths(STORAGE_LIMITS.filesInspected))
      return await act()
    }
  }
}

/** A torrent at a place. */
interface Laid {
  readonly torrent: StoredTorrent
  readonly spans: FileSpans
  readonly lane: DiskLane
  readonly folder: DiskFolder
  readonly partFile: PartFile
}

function lay(
  unnamed: StoredTorrent,
  { folder: root, names }: StoragePlace,
  { lane, isWanted }: { lane: DiskLane; isWanted: (file: number) => boolean },
): Laid {
  const torrent = withNames(unnamed, names)
  const spans = new FileSpans(torrent, isWanted)
  const folder = new DiskFolder(root, lane)
  return { torrent, spans, lane, folder, partFile: new PartFile(folder, spans) }
}

/** Those that are made at the new place are left behind otherwise, and lead nowhere. */
async function removeLinks(here: Laid, there: Laid): Promise<void> {
  const isStill = new Set(here.folder.isSameAs(there.folder) ? linksOf(there) : [])
  const old = linksOf(here).filter(path => !isStill.has(path))
  if (old.length === 0) return
  await here.folder.remove(old, { onlyLinks: true }).catch(() => undefined)
  await here.folder.tidy(old).catch(() => undefined)
}

function linksOf({ torrent, spans }: Laid): string[] {
  return planLinks(torrent.files.filter((_, file) => spans.isWanted(file))).map(({ path }) => path)
}

/** All files that there may be. */
function pathsOf({ torrent, spans }: Laid): string[] {
  return [...torrent.files.filter(isOnDisk).map(file => file.path), spans.partPath]
}

/** All that are there. */
function existingPathsOf({ spans }: Laid): string[] {
  const paths = spans.existingPaths(Number.POSITIVE_INFINITY)
  return spans.kept.size > 0 ? [...paths, spans.partPath] : paths
}

/** What is there of the torrent, wanted or not, and where it is to be. */
async function movesBetween(here: Laid, there: Laid): Promise<MovingFile[]> {
  const paths = pathsOf(here)
  const looks = await here.folder.look(paths)
  const to = pathsOf(there)
  const executable = new Set(here.torrent.files.filter(file => file.isExecutable).map(file => file.path))
  return paths.flatMap((from, at) => {
    const look = looks[at]
    return look ? [{ from, to: to[at]!, look, isExecutable: executable.has(from) }] : []
  })
}

function isOnDisk(file: { readonly isPad: boolean; readonly isLink: boolean }): boolean {
  return !file.isPad && !file.isLink
}
