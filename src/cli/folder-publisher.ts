/** Keeps session, catalog and tracker in step with the shared folder of `shoal up`. */

import { dirname } from 'node:path'
import { BitTorrentError, StorageError } from '../core/errors.ts'
import { type InfoHashes, type TorrentId, torrentIdOf } from '../core/ids.ts'
import { formatMagnet } from '../metainfo/magnet.ts'
import { encodeTorrentFile, partsOfTorrentFile, type TorrentFile } from '../metainfo/torrent-file.ts'
import type { Catalog } from '../site/index.ts'
import type { CliSession, CliTorrent } from './cli-session.ts'
import { listFiles } from './list-files.ts'
import { fingerprintOf, lookIntoSharedFolder, type SharedEntry } from './shared-folder.ts'
import type { TorrentCache } from './torrent-cache.ts'
import { magnetOf } from './torrent-facts.ts'

/** How our own seed gets known: directly, never by an announce over loopback. */
export interface LocalRegister {
  register(hashes: InfoHashes): void
  unregister(hashes: InfoHashes): void
}

/** What a look into the folder has changed. */
export interface FolderNews {
  readonly published: readonly PublishedEntry[]
  readonly withdrawn: readonly PublishedEntry[]
  /** What could not be published, and why. */
  readonly faults: readonly BitTorrentError[]
}

export interface PublishedEntry {
  /** As the torrent has it, and every page and alert. */
  readonly name: string
  readonly id: TorrentId
  readonly length: number
}

interface Live extends PublishedEntry {
  /** Its name in the folder, which a torrent may not have to the letter. */
  readonly entry: string
  readonly fingerprint: string
  readonly hashes: InfoHashes
  readonly seed: CliTorrent
}

export interface FolderPublisherOptions {
  readonly folder: string
  readonly announceUrl: string
  readonly session: CliSession
  readonly catalog: Catalog
  readonly register: LocalRegister
  readonly cache: TorrentCache
  /** Hashes a file or folder. */
  readonly makeTorrent: (path: string) => Promise<{ bytes: Uint8Array; torrent: TorrentFile }>
}

export class FolderPublisher {
  readonly #o: FolderPublisherOptions
  /** By the entry's name. Bounded by what is in the folder. */
  readonly #live = new Map<string, Live>()

  constructor(options: FolderPublisherOptions) {
    this.#o = options
  }

  get published(): readonly PublishedEntry[] {
    return [...this.#live.values()]
  }

  /** Looks into the folder: publishes what is new or changed, withdraws what is gone. */
  async rescan(): Promise<FolderNews> {
    const { entries, faults } = await lookIntoSharedFolder(this.#o.folder)
    const news = { published: [] as Live[], withdrawn: [] as Live[], faults: [...faults] }
    const there = new Map(entries.map(entry => [entry.name, entry.fingerprint]))
    for (const live of [...this.#live.values()]) {
      if (there.get(live.entry) !== live.fingerprint) news.withdrawn.push(await this.#withdraw(live))
    }
    for (const entry of entries) {
      if (this.#live.has(entry.name)) continue
      try {
        news.published.push(await this.#publish(entry))
      } catch (error) {
        if (!(error instanceof BitTorrentError)) throw error
        news.faults.push(error)
      }
    }
    await this.#o.cache.keepOnly(new Set(there.values()))
    return news
  }

  async #publish(entry: SharedEntry): Promise<Live> {
    const { session, catalog, register, announceUrl } = this.#o
    const torrent = await this.#torrentOf(entry)
    const { info } = torrent
    const torrentFile = encodeTorrentFile({ ...partsOfTorrentFile(torrent), trackers: [[announceUrl]] })
    const seed = await session.add(
      { torrentFile },
      { folder: dirname(entry.path), isKnownGood: true, announces: false },
    )
    catalog.add({
      name: info.name,
      infoHashes: info.hashes,
      length: info.geometry.contentLength,
      fileCount: info.files.filter(file => !file.isPad).length,
      torrentFile,
      magnet: formatMagnet({ ...magnetOf(torrent), trackers: [announceUrl] }),
    })
    register.register(info.hashes)
    const live: Live = {
      name: info.name,
      entry: entry.name,
      id: torrentIdOf(info.hashes),
      length: info.geometry.contentLength,
      fingerprint: entry.fingerprint,
      hashes: info.hashes,
      seed,
    }
    this.#live.set(entry.name, live)
    return live
  }

  async #withdraw(live: Live): Promise<Live> {
    this.#live.delete(live.entry)
    this.#o.register.unregister(live.hashes)
    this.#o.catalog.remove(live.id)
    await live.seed.remove()
    return live
  }

  async #torrentOf(entry: SharedEntry): Promise<TorrentFile> {
    const known = await this.#o.cache.read(entry.fingerprint)
    if (known) return known
    const { bytes, torrent } = await this.#o.makeTorrent(entry.path)
    if (fingerprintOf(await listFiles(entry.path)) !== entry.fingerprint) {
      throw new StorageError(
        'share-changing',
        `${entry.path} is still being written; it is published at a later look`,
        {
          path: entry.path,
        },
      )
    }
    await this.#o.cache.write(entry.fingerprint, bytes)
    return torrent
  }
}
