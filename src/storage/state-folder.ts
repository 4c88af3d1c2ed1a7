import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { type TorrentId, torrentIdOf } from '../core/ids.ts'
import type { Info } from '../metainfo/info.ts'
import { syncEntries } from './disk-operations.ts'
import type { DiskWorkers } from './disk-workers.ts'
import { folderFault, foldersWithNewEntries, makeFolder } from './make-folder.ts'
import { ResumeLog } from './resume-log.ts'
import type { StateFiles } from './state-files.ts'
import { StateLock } from './state-lock.ts'
import { bringUpToDate, type VersionOptions } from './state-version.ts'
import type { FileState } from './torrent-storage.ts'
import { WorkerStateFiles } from './worker-state-files.ts'

/**
 * Where a program keeps what it remembers, for itself alone while it is open:
 *
 *     lock                       who has it open
 *     version                    of this layout
 *     torrents/<id>/resume.log   which pieces are on disk (`ResumeLog`)
 *     torrents/<id>/<name>       whatever else belongs to a torrent, such as `metainfo.torrent`
 *     <name>                     what belongs to the whole program
 *
 * Every file is replaced as a whole (written aside, synced, renamed, its folder synced) or is a journal.
 */
export class StateFolder {
  readonly path: string
  readonly #files: StateFiles
  readonly #lock: StateLock

  private constructor(path: string, files: StateFiles, lock: StateLock) {
    this.path = path
    this.#files = files
    this.#lock = lock
  }

  /**
   * Makes the folder where it is missing. Rejects with `state-locked`, `state-newer`, `state-damaged`,
   * `folder-unusable`, and with the codes of `diskFault`.
   */
  static async open(options: {
    path: string
    workers: DiskWorkers
    version?: VersionOptions
  }): Promise<StateFolder> {
    const path = resolve(options.path)
    try {
      syncEntries(foldersWithNewEntries(path, makeFolder(path, 0o700)))
    } catch (error) {
      throw folderFault(error, path)
    }
    const lock = await StateLock.take(path)
    try {
      const files = await WorkerStateFiles.open(options.workers, path)
      await bringUpToDate(path, files, options.version)
      return new StateFolder(path, files, lock)
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /** Torrents of which something is remembered, by id. */
  async torrents(): Promise<TorrentId[]> {
    const names = await this.#files.list(join(this.path, 'torrents'))
    return names.filter((name): name is TorrentId => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name))
  }

  /** The lock of the folder stands for all its torrents. */
  async hold(_torrent: TorrentId): Promise<void> {}

  async release(_torrent: TorrentId): Promise<void> {}

  /** The log of what of a torrent is on disk. `inspect`: of the torrent's storage. */
  openLog(info: Info, inspect: () => Promise<readonly FileState[]>): Promise<ResumeLog> {
    const path = this.#place(torrentIdOf(info.hashes), 'resume.log')
    return ResumeLog.open({ files: this.#files, path, info, inspect })
  }

  /** A file of the torrent, or of the whole program where `torrent` is null. Null where there is none. */
  read(torrent: TorrentId | null, name: string): Promise<Uint8Array | null> {
    return this.#files.read(this.#place(torrent, name))
  }

  async replace(torrent: TorrentId | null, name: string, bytes: Uint8Array): Promise<void> {
    await this.#files.replace(this.#place(torrent, name), bytes)
  }

  /** Forgets all of a torrent. Its log must be closed. */
  async forget(torrent: TorrentId): Promise<void> {
    await this.#files.remove(join(this.path, 'torrents', torrent))
  }

  /** Lets others open it. Logs must be closed before. */
  async close(): Promise<void> {
    await this.#lock.release()
  }

  #place(torrent: TorrentId | null, name: string): string {
    if (!/^[a-z][a-z0-9.-]*$/.test(name)) throw new RangeError(`not a name for a state file: ${name}`)
    return torrent === null ? join(this.path, name) : join(this.path, 'torrents', torrent, name)
  }
}

/**
 * `$XDG_STATE_HOME/shoal`, or `~/.local/state/shoal` where that is not set (XDG Base Directory Specification); on
 * Windows `%LOCALAPPDATA%\shoal`.
 */
export function defaultStateFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const chosen = process.platform === 'win32' ? environment['LOCALAPPDATA'] : environment['XDG_STATE_HOME']
  // The specification has relative paths ignored.
  if (chosen !== undefined && isAbsolute(chosen)) return join(chosen, 'shoal')
  return join(homedir(), '.local', 'state', 'shoal')
}
