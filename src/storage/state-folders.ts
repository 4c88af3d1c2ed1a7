import { resolve } from 'node:path'
import { type TorrentId, torrentIdOf } from '../core/ids.ts'
import type { Info } from '../metainfo/info.ts'
import type { DiskWorkers } from './disk-workers.ts'
import type { ResumeLog } from './resume-log.ts'
import { StateFolder } from './state-folder.ts'
import type { FileState } from './torrent-storage.ts'

/**
 * A state folder for each torrent instead of one for all, so that several programs may run side by side as long as
 * they have different torrents. Each is opened, with its lock, when it is first needed, and let go of when its torrents
 * are released.
 */
export class StateFolders {
  readonly #folderOf: (torrent: TorrentId) => string
  readonly #workers: DiskWorkers
  /** By path. Bounded by the torrents of the session, which have at most two names each. */
  readonly #held = new Map<string, HeldFolder>()
  /** By path: those that are being closed. */
  readonly #closing = new Map<string, Promise<void>>()

  constructor(options: { folderOf: (torrent: TorrentId) => string; workers: DiskWorkers }) {
    this.#folderOf = options.folderOf
    this.#workers = options.workers
  }

  /** Opens the torrent's folder. This and all else here rejects as `StateFolder.open` does. */
  async hold(torrent: TorrentId): Promise<void> {
    await this.#of(torrent)
  }

  /** Null also where it is about no torrent: there is no folder for that. */
  async read(torrent: TorrentId | null, name: string): Promise<Uint8Array | null> {
    if (torrent === null) return null
    return (await this.#of(torrent)).read(torrent, name)
  }

  async replace(torrent: TorrentId | null, name: string, bytes: Uint8Array): Promise<void> {
    if (torrent === null) return
    await (await this.#of(torrent)).replace(torrent, name, bytes)
  }

  async openLog(info: Info, inspect: () => Promise<readonly FileState[]>): Promise<ResumeLog> {
    return (await this.#of(torrentIdOf(info.hashes))).openLog(info, inspect)
  }

  async release(torrent: TorrentId): Promise<void> {
    const path = this.#pathOf(torrent)
    const held = this.#held.get(path)
    if (!held?.torrents.delete(torrent) || held.torrents.size > 0) return
    await this.#close(path, held)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#held].map(([path, held]) => this.#close(path, held)))
  }

  #pathOf(torrent: TorrentId): string {
    return resolve(this.#folderOf(torrent))
  }

  #of(torrent: TorrentId): Promise<StateFolder> {
    const path = this.#pathOf(torrent)
    const held = this.#held.get(path) ?? this.#open(path)
    held.torrents.add(torrent)
    return held.folder
  }

  #open(path: string): HeldFolder {
    const before = this.#closing.get(path) ?? Promise.resolve()
    const folder = before.then(() => StateFolder.open({ path, workers: this.#workers }))
    const held = { folder, torrents: new Set<TorrentId>() }
    this.#held.set(path, held)
    // What cannot be opened now may be later.
    folder.catch(() => {
      if (this.#held.get(path) === held) this.#held.delete(path)
    })
    return held
  }

  async #close(path: string, { folder }: HeldFolder): Promise<void> {
    this.#held.delete(path)
    const closed = folder.then(
      opened => opened.close(),
      () => undefined,
    )
    const settled = closed.catch(() => undefined)
    this.#closing.set(path, settled)
    try {
      await closed
    } finally {
      if (this.#closing.get(path) === settled) this.#closing.delete(path)
    }
  }
}

interface HeldFolder {
  readonly folder: Promise<StateFolder>
  /** Those that need it. */
  readonly torrents: Set<TorrentId>
}
