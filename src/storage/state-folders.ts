import { type TorrentId, torrentIdOf } from '../core/ids.ts'
import type { Info } from '../metainfo/info.ts'
import type { DiskWorkers } from './disk-workers.ts'
import type { ResumeLog } from './resume-log.ts'
import { StateFolder } from './state-folder.ts'
import type { FileState } from './torrent-storage.ts'

/**
 * A state folder for each torrent instead of one for all, so that several programs may run side by side as long as
 * they have different torrents. Each is opened, with its lock, when it is first needed, and let go of by `close`.
 */
export class StateFolders {
  readonly #folderOf: (torrent: TorrentId) => string
  readonly #workers: DiskWorkers
  /** By path. Bounded by the torrents of the session, which have at most two names each. */
  readonly #open = new Map<string, Promise<StateFolder>>()

  constructor(options: { folderOf: (torrent: TorrentId) => string; workers: DiskWorkers }) {
    this.#folderOf = options.folderOf
    this.#workers = options.workers
  }

  /** Opens the torrent's folder. This and all else here rejects as `StateFolder.open` does. */
  async hold(torrent: TorrentId): Promise<void> {
    await this.#of(torrent)
  }

  async read(torrent: TorrentId, name: string): Promise<Uint8Array | null> {
    return (await this.#of(torrent)).read(torrent, name)
  }

  async replace(torrent: TorrentId, name: string, bytes: Uint8Array): Promise<void> {
    await (await this.#of(torrent)).replace(torrent, name, bytes)
  }

  async openLog(info: Info, inspect: () => Promise<readonly FileState[]>): Promise<ResumeLog> {
    return (await this.#of(torrentIdOf(info.hashes))).openLog(info, inspect)
  }

  async close(): Promise<void> {
    const closing = [...this.#open.values()].map(closeIfOpened)
    this.#open.clear()
    await Promise.all(closing)
  }

  #of(torrent: TorrentId): Promise<StateFolder> {
    const path = this.#folderOf(torrent)
    const known = this.#open.get(path)
    if (known) return known
    const opening = StateFolder.open({ path, workers: this.#workers })
    this.#open.set(path, opening)
    // What cannot be opened now may be later.
    opening.catch(() => this.#open.delete(path))
    return opening
  }
}

async function closeIfOpened(opening: Promise<StateFolder>): Promise<void> {
  const folder = await opening.catch(() => null)
  await folder?.close()
}
