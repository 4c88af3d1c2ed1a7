import { dirname, join, resolve } from 'node:path'
import { StorageError } from '../core/errors.ts'
import { unpackFault } from './disk-fault.ts'
import type { DiskLane } from './disk-workers.ts'
import { type DiskPiece, type DiskSpan, type FileMove, isFault, type PlannedFile, type Root } from './jobs.ts'
import { KnownLooks } from './known-looks.ts'
import type { PlannedLink } from './link-plan.ts'
import { STORAGE_LIMITS } from './limits.ts'
import { pathBelow, unmountedFault } from './path-guard.ts'
import type { Placed } from './place-file.ts'
import type { DiskLook, FileState, PieceDigest } from './torrent-storage.ts'

/** No file's identity. */
const GONE = 'gone'

/** The folder a torrent lies in, used through the threads of its device. Knows files and spans, not pieces. */
export class DiskFolder {
  readonly #lane: DiskLane
  #root: Root
  /**
   * Files that were written, each with its identity where that matters, and folders that got entries, since they were
   * last synced. Bounded by the torrent.
   */
  #unsyncedFiles = new Map<string, string | null>()
  #unsyncedFolders = new Set<string>()
  /** Folders whose names are on the disk, all up to the root, as of the last sync. Bounded by the torrent. */
  #lasting = new Set<string>()
  /** Something was written, or found, that no sync has answered for yet. */
  #isUnanswered = false
  /**
   * Why what was written since the last sync may not be on the disk whatever the next one says: the folder was gone
   * meanwhile, or a sync of the same files failed elsewhere.
   */
  #doubt: StorageError | null = null
  #syncFault: StorageError | null = null
  /** Full paths of files that were found replaced and not looked at since. Bounded by the torrent. */
  readonly #replaced = new Set<string>()
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #looks = new KnownLooks()

  constructor(path: string, lane: DiskLane) {
    this.#root = { path: resolve(path), identity: null }
    this.#lane = lane
  }

  /**
   * Makes the folder, what folders the files need, those files that are empty, and links; gives why some links were
   * not made. A folder that was looked at before and is gone is not made again.
   */
  async prepare(files: readonly PlannedFile[], links: readonly PlannedLink[] = []): Promise<StorageError[]> {
    const { path } = this.#root
    const { identity, made, linkFaults } = await this.#track(
      this.#lane.data.run<'prepare'>({ kind: 'prepare', root: this.#root, files, links }),
    )
    this.#root = { path, identity }
    for (const folder of made) this.#gotEntries(folder)
    return linkFaults.map(unpackFault)
  }

  /**
   * What the files look like. Another folder in the place of the one that was prepared is taken for it only where it
   * has some of these files, as a disk that is mounted again does: else this rejects with `storage-unmounted`. A file
   * that was found replaced (`file-replaced`) counts as missing once.
   */
  async look(paths: readonly string[]): Promise<FileState[]> {
    const { path, identity } = this.#root
    const asked = this.#looks.now
    const states: FileState[] = []
    let found: string | null = null
    do {
      const run = paths.slice(states.length, states.length + STORAGE_LIMITS.filesInspected)
      const job = { kind: 'inspect', root: path, paths: run } as const
      const answer = await this.#track(this.#lane.data.run<'inspect'>(job))
      found = answer.identity
      states.push(...answer.states)
    } while (states.length < paths.length)
    if (identity !== null && identity !== found) {
      this.#foundGone()
      if (found === null || states.every(state => state === null)) throw unmountedFault(path)
    }
    this.#root = { path, identity: found }
    for (const [at, state] of states.entries()) this.#looks.found(paths[at]!, state, asked)
    return states.map((state, at) => (this.#replaced.delete(pathBelow(path, paths[at]!)) ? null : state))
  }

  /** Whether both are one folder, however it is reached. To be asked when both were prepared. */
  isSameAs(other: DiskFolder): boolean {
    return this.#root.identity !== null && this.#root.identity === other.#root.identity
  }

  lookAtDisk(): Promise<DiskLook> {
    return this.#track(this.#lane.data.run<'disk'>({ kind: 'disk', root: this.#root.path }))
  }

  async write(spans: readonly DiskSpan[], parts: readonly Uint8Array[]): Promise<void> {
    const job = { kind: 'write', root: this.#root, spans, parts } as const
    const paths = spans.flatMap(({ path }) => (path === null ? [] : [path]))
    for (const path of paths) this.#looks.writes(path)
    const writing = this.#track(this.#lane.data.run<'write'>(job)).finally(() => {
      for (const path of paths) this.#looks.wrote(path)
    })
    const { made, wroteTo } = await writing
    for (const folder of made) this.#gotEntries(folder)
    for (const [at, { path }] of spans.entries()) if (path !== null) this.#wrote(path, wroteTo[at] ?? null)
  }

  /** Has the next sync include files that others may have written, or made: with the folders that have their names. */
  includeInSync(paths: readonly string[]): void {
    for (const path of paths) {
      this.#includeInSync(path)
      for (const folder of foldersOf(path)) this.#unsyncedFolders.add(join(this.#root.path, folder))
    }
    this.#isUnanswered = true
  }

  /** Rejects once with `file-changed` where somebody else wrote to a file since it was looked at. */
  async read(spans: readonly DiskSpan[], parts: readonly Uint8Array[]): Promise<void> {
    const asked = this.#looks.now
    const known = spans.map(span => {
      const look = span.path === null ? null : this.#looks.lookOf(span.path)
      return look ? { ...span, look } : span
    })
    const job = { kind: 'read', root: this.#root, spans: known, parts } as const
    const changed = await this.#track(this.#lane.data.run<'read'>(job))
    const byOthers = changed.filter(({ path, look }) => this.#looks.changed(path, look, asked))
    if (byOthers[0]) throw changedFault(pathBelow(this.#root.path, byOthers[0].path))
  }

  /** A piece that cannot be read has its error. Lets reads and writes pass. */
  async digest(pieces: readonly DiskPiece[]): Promise<(PieceDigest | StorageError)[]> {
    const job = { kind: 'digest', root: this.#root, pieces } as const
    const digests = await this.#track(this.#lane.data.run<'digest'>(job, { isPatient: true }))
    return digests.map(digest => (isFault(digest) ? this.#noticed(unpackFault(digest)) : digest))
  }

  async remove(paths: readonly string[], { onlyLinks = false } = {}): Promise<void> {
    for (const path of paths) this.#unsyncedFiles.delete(path)
    await this.#track(this.#lane.data.run<'remove'>({ kind: 'remove', root: this.#root, paths, onlyLinks }))
    for (const path of paths) this.#looks.found(path, null, this.#looks.now)
    // Whoever has one open still would write to what is gone.
    await this.#forget(paths)
  }

  /** Gives files of a folder a name in this one, on the same disk: see `placeFile`. The next sync includes them. */
  async place(
    from: DiskFolder,
    moves: readonly FileMove[],
    { canLose }: { canLose: boolean },
  ): Promise<{ placed: readonly Placed[]; fault: StorageError | null }> {
    const { placed, made, fault } = await this.#track(
      this.#lane.data.run<'place'>({ kind: 'place', from: from.#root, to: this.#root, moves, canLose }),
    )
    for (const folder of made) this.#gotEntries(folder)
    this.includeInSync(placed.flatMap((what, at) => (what === 'apart' ? [] : [moves[at]!.to])))
    return { placed, fault: fault && this.#noticed(unpackFault(fault)) }
  }

  /** Undoes it. */
  async takeBack(from: DiskFolder, moves: readonly (FileMove & { placed: Placed })[]): Promise<void> {
    const job = { kind: 'take-back', from: from.#root, to: this.#root, moves } as const
    await this.#track(this.#lane.data.run<'take-back'>(job))
  }

  /** Removes the folders of these files that are empty. */
  async tidy(paths: readonly string[]): Promise<void> {
    await this.#track(this.#lane.data.run<'tidy'>({ kind: 'tidy', root: this.#root, paths }))
  }

  /** Answers from now on for what was written in another folder, or found there: `paths`, which lie here. */
  succeed(before: DiskFolder, paths: readonly string[]): void {
    this.includeInSync(paths)
    this.#doubt ??= before.#doubt
  }

  /** Takes to heart what a sync met in another folder, of files that are here as well. */
  heed(other: DiskFolder): void {
    this.#doubt ??= other.#syncFault
  }

  async sync(): Promise<void> {
    const [unsynced, folders] = [this.#unsyncedFiles, this.#unsyncedFolders]
    const doubt = this.#doubt
    this.#doubt = null
    this.#isUnanswered = false
    if (unsynced.size + folders.size === 0) return
    this.#unsyncedFiles = new Map()
    this.#unsyncedFolders = new Set()
    const files = Array.from(unsynced, ([path, identity]) => ({ path, identity }))
    const job = { kind: 'sync', root: this.#root, files, folders: [...folders] } as const
    try {
      if (doubt) throw doubt
      await this.#track(this.#lane.sync.run<'sync'>(job))
      for (const folder of folders) this.#lasting.add(folder)
    } catch (error) {
      // Whoever asked knows now that nothing written before is safe: it need not be the same files any more.
      for (const path of unsynced.keys()) this.#includeInSync(path)
      for (const folder of folders) this.#unsyncedFolders.add(folder)
      if (error instanceof StorageError) this.#syncFault = error
      throw error
    }
  }

  /** Waits for what is under way and closes these files in all threads; others in the folder may be another's. */
  async close(paths: readonly string[]): Promise<void> {
    await Promise.allSettled(this.#underWay)
    await this.#forget(paths)
  }

  async #forget(paths: readonly string[]): Promise<void> {
    const job = { kind: 'forget', root: this.#root.path, paths } as const
    await Promise.all([this.#lane.data.runEverywhere(job), this.#lane.sync.runEverywhere(job)])
  }

  /**
   * The next sync answers for new names in a folder, and for the folders on the way to it: who made these may have ended
   * before a sync.
   */
  #gotEntries(folder: string): void {
    this.#unsyncedFolders.add(folder)
    for (let at = folder; at.length > this.#root.path.length && !this.#lasting.has(at); at = dirname(at))
      this.#unsyncedFolders.add(dirname(at))
  }

  #includeInSync(path: string): void {
    if (!this.#unsyncedFiles.has(path)) this.#unsyncedFiles.set(path, null)
  }

  /** Where two files of one name were written to, one is gone, and with it what it took: no sync may say otherwise. */
  #wrote(path: string, identity: string | null): void {
    this.#isUnanswered = true
    const before = this.#unsyncedFiles.get(path) ?? identity
    this.#unsyncedFiles.set(path, before === identity ? identity : GONE)
  }

  async #track<T>(job: Promise<T>): Promise<T> {
    this.#underWay.add(job)
    try {
      return await job
    } catch (error) {
      throw this.#noticed(error)
    } finally {
      this.#underWay.delete(job)
    }
  }

  #foundGone(): void {
    this.#lasting.clear()
    if (this.#isUnanswered) this.#doubt = unmountedFault(this.#root.path)
  }

  /** Remembers what a fault says of the folder, and returns it. */
  #noticed<T>(fault: T): T {
    if (isUnmounted(fault)) this.#foundGone()
    if (fault instanceof StorageError && fault.code === 'file-replaced' && fault.path !== null)
      this.#replaced.add(fault.path)
    return fault
  }
}

function changedFault(path: string): StorageError {
  return new StorageError('file-changed', `${path} was changed by somebody else while it was in use`, {
    path,
  })
}

/** Those that lead to a file, below the root and with it (''). */
function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, at) => parts.slice(0, at).join('/'))
}

/** Whether the download folder was not there, or was another one. */
export function isUnmounted(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'storage-unmounted'
}
