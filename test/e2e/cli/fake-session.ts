/** A session that only remembers what it was told, and is moved on by the test. */

import type { CliChanges, CliSession, CliTorrent } from '../../../src/cli/cli-session.ts'
import type { Alert } from '../../../src/client/alerts.ts'
import type {
  AddOptions,
  MetadataOptions,
  SessionOptions,
  TorrentSource,
} from '../../../src/client/session-options.ts'
import type { Slowness } from '../../../src/client/slowness.ts'
import type { TorrentStatus } from '../../../src/client/torrent-status.ts'
import { type Address, address } from '../../../src/core/address.ts'
import { type InfoHashes, torrentIdOf } from '../../../src/core/ids.ts'
import { parseMagnet } from '../../../src/metainfo/magnet.ts'
import { parseTorrentFile, type TorrentFile } from '../../../src/metainfo/torrent-file.ts'
import type { PortMapping } from '../../../src/portmap/port-mapping.ts'
import type { ScrapeEntry } from '../../../src/tracker/announce.ts'
import { nodeDigest } from '../../../src/net/node-digest.ts'
import { status } from '../../unit/cli/statuses.ts'

export class FakeTorrent implements CliTorrent {
  readonly infoHashes: InfoHashes
  readonly id
  readonly completion = Promise.withResolvers<void>()
  readonly options: AddOptions
  readonly #metadata: TorrentFile | null
  isRemoved = false
  now: Partial<TorrentStatus> = {}

  constructor(source: TorrentSource, options: AddOptions) {
    this.options = options
    this.#metadata = 'torrentFile' in source ? parseTorrentFile(source.torrentFile, nodeDigest) : null
    this.infoHashes = 'magnet' in source ? parseMagnet(source.magnet).hashes : this.#metadata!.info.hashes
    this.id = torrentIdOf(this.infoHashes)
  }

  status(): TorrentStatus {
    const name = this.#metadata?.info.name ?? 'unnamed'
    return status({ id: this.id, infoHashes: this.infoHashes, name, ...this.now })
  }

  explain(): Slowness[] {
    return [{ code: 'all-choke-us', message: 'all let us wait' }]
  }

  pieceMap(): Uint8Array {
    return Uint8Array.of(2, 2, 1, 0)
  }

  async metadata(): Promise<TorrentFile> {
    return this.#metadata ?? Promise.reject(new Error('no metadata in this test'))
  }

  async completed({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted()
    const aborted = Promise.withResolvers<never>()
    signal?.addEventListener('abort', () => aborted.reject(signal.reason))
    await Promise.race([this.completion.promise, aborted.promise])
  }

  async remove(): Promise<void> {
    this.isRemoved = true
  }
}

export class FakeSession implements CliSession {
  readonly listening: Address[] = [address('192.0.2.7', 6881)]
  mappings: readonly PortMapping[] = []
  readonly options: SessionOptions
  readonly peerId = new Uint8Array(20).fill(7)
  readonly all: FakeTorrent[] = []
  isClosed = false
  #alerts: Alert[] = []
  #wake = Promise.withResolvers<void>()
  #added = Promise.withResolvers<FakeTorrent>()

  constructor(options: SessionOptions) {
    this.options = options
  }

  async add(source: TorrentSource, options: AddOptions): Promise<FakeTorrent> {
    const torrent = new FakeTorrent(source, options)
    this.all.push(torrent)
    this.#added.resolve(torrent)
    return torrent
  }

  readonly publications = {
    find: () => Promise.resolve(null),
    publish: () => Promise.reject(new Error('nothing is published in this test')),
    renew: () => Promise.resolve(0),
  }

  /** What peers say of a magnet; left out, they never answer. */
  metadata: TorrentFile | null = null

  async fetchMetadata(
    _magnet: string,
    { signal }: MetadataOptions & { signal?: AbortSignal },
  ): Promise<TorrentFile> {
    if (this.metadata) return this.metadata
    const aborted = Promise.withResolvers<never>()
    signal?.addEventListener('abort', () => aborted.reject(signal.reason))
    return aborted.promise
  }

  /** By tracker: what it says, or what asking it is answered with. */
  readonly scrapes = new Map<string, ScrapeEntry[] | Error>()

  async scrape(tracker: string): Promise<ScrapeEntry[]> {
    const said = this.scrapes.get(tracker) ?? []
    return said instanceof Error ? Promise.reject(said) : said
  }

  torrents(): FakeTorrent[] {
    return this.all.filter(torrent => !torrent.isRemoved)
  }

  /** All of them each time: it forgets what it told. */
  changesSince(): CliChanges {
    return { revision: 0, isWhole: true, torrents: this.torrents(), removed: [] }
  }

  /** The first torrent, once it is there. */
  get added(): Promise<FakeTorrent> {
    return this.#added.promise
  }

  emit(alert: Alert): void {
    this.#alerts.push(alert)
    this.#wake.resolve()
  }

  async *alerts({ signal }: { signal?: AbortSignal } = {}): AsyncIterableIterator<Alert> {
    signal?.addEventListener('abort', () => this.#wake.resolve())
    while (!signal?.aborted) {
      this.#wake = Promise.withResolvers()
      yield* this.#alerts.splice(0)
      if (this.isClosed) return
      await this.#wake.promise
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.#wake.resolve()
  }
}
