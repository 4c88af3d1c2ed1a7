import { setTimeout as wait } from 'node:timers/promises'
import type { Edition } from '../client/publications.ts'
import type { AddOptions, TorrentSource } from '../client/session-options.ts'
import { StorageError } from '../core/errors.ts'
import { type InfoHashes, sameTorrent } from '../core/ids.ts'
import { printable } from '../core/printable.ts'
import { formatMagnet } from '../metainfo/magnet.ts'
import type { PublisherMagnet } from '../metainfo/publisher-magnet.ts'
import { encodeTorrentFile, partsOfTorrentFile, type TorrentFile } from '../metainfo/torrent-file.ts'
import { carryOver } from '../storage/carry-over.ts'
import type { CliSession, CliTorrent } from './cli-session.ts'
import type { CommandContext } from './command-context.ts'
import type { FollowedState } from './followed-state.ts'
import type { RunReport } from './session-run.ts'

/** BEP 46: who follows has the DHT keep it too. */
const RENEWAL = 3_600_000

/** One folder that has what a publisher's key stands for. */
export class Follower {
  readonly #context: CommandContext
  readonly #session: CliSession
  readonly #report: RunReport
  readonly #state: FollowedState
  readonly #link: PublisherMagnet
  readonly #add: AddOptions
  readonly #interval: number
  #sequence = -1
  #hashes: InfoHashes | null = null
  #torrent: CliTorrent | null = null
  /** What lies in the folder, whole or in part. */
  #metadata: TorrentFile | null = null
  #renewAt = Number.NEGATIVE_INFINITY
  readonly #done = Promise.withResolvers<void>()

  /** `interval`: ms between two looks. */
  constructor(options: {
    context: CommandContext
    session: CliSession
    report: RunReport
    state: FollowedState
    link: PublisherMagnet
    add: AddOptions
    interval: number
  }) {
    this.#context = options.context
    this.#session = options.session
    this.#report = options.report
    this.#state = options.state
    this.#link = options.link
    this.#add = options.add
    this.#interval = options.interval
  }

  /** The first edition is complete. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  /** Looks and gets until the signal aborts. Rejects with what ends it: no DHT, a folder that cannot be used. */
  async run(signal: AbortSignal): Promise<void> {
    const known = await this.#state.load()
    if (known) {
      this.#metadata = known.metadata
      const torrentFile = encodeTorrentFile(partsOfTorrentFile(known.metadata))
      await this.#take({ ...known, hashes: known.metadata.info.hashes }, { torrentFile })
    }
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const edition = await this.#session.publications.find(this.#link, { signal })
      if (edition) await this.#heed(edition, signal)
      else if (isFirst && !known)
        this.#context.output.say('Nothing is published under this key yet; waiting.')
      await wait(this.#interval, undefined, { signal }).catch(() => undefined)
    }
  }

  async #heed(edition: Edition, signal: AbortSignal): Promise<void> {
    if (edition.sequence > this.#sequence) {
      if (this.#hashes && sameTorrent(this.#hashes, edition.hashes)) this.#sequence = edition.sequence
      else {
        const { trackers, webSeeds } = this.#link
        await this.#take(edition, { magnet: formatMagnet({ hashes: edition.hashes, trackers, webSeeds }) })
      }
    }
    if (performance.now() < this.#renewAt) return
    this.#renewAt = performance.now() + RENEWAL
    // What nobody keeps now is said again in an hour.
    await this.#session.publications.renew(edition, { signal }).catch(() => undefined)
  }

  /** The one before goes on until it is known what the next one is. */
  async #take(
    { sequence, hashes }: { sequence: number; hashes: InfoHashes },
    source: TorrentSource,
  ): Promise<void> {
    const before = this.#torrent
    const torrent = await this.#session.add(source, {
      ...this.#add,
      isPaused: false,
      beforeFiles: async later => {
        await before?.remove()
        await this.#makeRoomFor(later)
      },
    })
    this.#sequence = sequence
    this.#hashes = hashes
    this.#torrent = torrent
    this.#report.ready(torrent, { sequence })
    void this.#finish(torrent, sequence)
  }

  /** A newer one may take its place first, or the session end; what is wrong with it is told as an alert. */
  async #finish(torrent: CliTorrent, sequence: number): Promise<void> {
    const { output } = this.#context
    try {
      await torrent.completed()
      const metadata = await torrent.metadata()
      await this.#state.save({ sequence, metadata })
      output.event({ type: 'done', torrent: torrent.id, name: metadata.info.name, sequence })
      output.say(`Edition ${sequence} is here: ${printable(metadata.info.name)}`)
      this.#done.resolve()
    } catch (error) {
      if (this.#torrent === torrent && error instanceof StorageError) output.warn(printable(error.message))
    }
  }

  async #makeRoomFor(later: TorrentFile): Promise<void> {
    const earlier = this.#metadata
    this.#metadata = later
    if (!earlier || sameTorrent(earlier.info.hashes, later.info.hashes)) return
    const { signal } = this.#context
    await carryOver({ earlier: earlier.info, later: later.info, folder: this.#add.folder, signal })
  }
}
