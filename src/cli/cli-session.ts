/** What the command line asks of a session and its torrents: the least of `client/session.ts`, for fakes in tests. */

import type { Alert } from '../client/alerts.ts'
import type { Publications } from '../client/publications.ts'
import type { AddOptions, MetadataOptions, TorrentSource } from '../client/session-options.ts'
import type { Slowness } from '../client/slowness.ts'
import type { TorrentStatus } from '../client/torrent-status.ts'
import type { Address } from '../core/address.ts'
import type { PortMapping } from '../portmap/port-mapping.ts'
import type { InfoHashes, SwarmKey, TorrentId } from '../core/ids.ts'
import type { TorrentFile } from '../metainfo/torrent-file.ts'
import type { ScrapeEntry } from '../tracker/announce.ts'

export interface CliTorrent {
  readonly id: TorrentId
  readonly infoHashes: InfoHashes
  status(): TorrentStatus
  pieceMap(): Uint8Array
  explain(): Slowness[]
  metadata(options?: { signal?: AbortSignal }): Promise<TorrentFile>
  completed(options?: { signal?: AbortSignal }): Promise<void>
  remove(): Promise<void>
}

/** What is new since a revision; see `TorrentChanges`. */
export interface CliChanges {
  readonly revision: number
  readonly isWhole: boolean
  readonly torrents: readonly CliTorrent[]
  readonly removed: readonly TorrentId[]
}

export interface CliSession {
  readonly listening: readonly Address[]
  readonly mappings: readonly PortMapping[]
  /** 20 bytes: what peers are told in handshakes, where the session lets it be known. */
  readonly peerId?: Uint8Array
  changesSince(revision: number): CliChanges
  readonly publications: Pick<Publications, 'find' | 'publish' | 'renew'>
  fetchMetadata(magnet: string, options: MetadataOptions & { signal?: AbortSignal }): Promise<TorrentFile>
  scrape(
    tracker: string,
    infoHashes: readonly SwarmKey[],
    options?: { signal?: AbortSignal },
  ): Promise<ScrapeEntry[]>
  add(source: TorrentSource, options: AddOptions): Promise<CliTorrent>
  alerts(options?: { signal?: AbortSignal }): AsyncIterable<Alert>
  close(): Promise<void>
}
