import type { Address } from '../core/address.ts'
import { StorageError, UsageError } from '../core/errors.ts'
import type { InfoHashes } from '../core/ids.ts'
import { orAborted } from '../core/or-aborted.ts'
import { isPassingFault } from '../core/passing-fault.ts'
import type { Magnet } from '../metainfo/magnet.ts'
import { PieceHashes } from '../metainfo/piece-hashes.ts'
import type { TorrentFile } from '../metainfo/torrent-file.ts'
import { FileChoice, type SelectedFiles } from './file-choice.ts'
import { fetchLayers, fetchMetadata, findMagnetPeers } from './fetch-metadata.ts'
import { introducePeer } from './introduce-peer.ts'
import { keepPrivate } from './keep-private.ts'
import type { LifeKit } from './life-kit.ts'
import { CLIENT_LIMITS } from './limits.ts'
import { openParts } from './open-parts.ts'
import { recallPeer } from './peer-events.ts'
import type { RunningParts } from './running-parts.ts'
import type { AddOptions } from './session-options.ts'
import { SwarmMeeting } from './swarm-meeting.ts'
import type { TorrentPlace } from './torrent-place.ts'
import { TorrentRecord } from './torrent-record.ts'
import { type Sleeper, TorrentRest } from './torrent-rest.ts'
import type { TorrentSettings } from './torrent-settings.ts'
import type { TorrentTask } from './torrent-task.ts'
import { waitFor } from './wait-for.ts'
import { quietWaiter, type Waiter } from './waiter.ts'

/** What a torrent begins with: a torrent file, or a magnet that leads to one. */
export type Beginning = { readonly metadata: TorrentFile } | { readonly magnet: Magnet }

/** Who holds a torrent up: its user, or others that come before it. */
export type HoldReason = 'user' | 'queue'

const USER_ALERTS = ['torrent-paused', 'torrent-resumed'] as const
const QUEUE_ALERTS = ['torrent-queued', 'torrent-dequeued'] as const

/** Leads one torrent through its life: metadata, storage and check, swarm; then rest, whenever nobody wants it. */
export class TorrentLife implements Sleeper {
  readonly #task: TorrentTask
  readonly #options: AddOptions
  readonly #kit: LifeKit
  readonly #choice: FileChoice
  readonly #place: TorrentPlace
  readonly #meeting: SwarmMeeting
  /** Its torrent file is with the state, to be read again. */
  #isKept = false
  #isSuperSeeding: boolean
  /** Why it is held up, if it is. */
  #isHeldByUser = false
  #isHeldByQueue = false
  /** Null unless it is held up; fulfilled when it goes on. */
  #paused: Waiter | null = null
  /** Trackers are being told that it paused. */
  #leaving: Promise<void> = Promise.resolve()

  constructor(options: {
    task: TorrentTask
    choice: FileChoice
    place: TorrentPlace
    options: AddOptions
    isSuperSeeding: boolean
    kit: LifeKit
  }) {
    this.#isSuperSeeding = options.isSuperSeeding
    this.#task = options.task
    this.#options = options.options
    this.#kit = options.kit
    this.#choice = options.choice
    this.#place = options.place
    this.#meeting = new SwarmMeeting(options.task, options.options, options.kit)
  }

  /** Resolves when the torrent runs; from then on sockets and time drive it. */
  async begin(beginning: Beginning): Promise<void> {
    const task = this.#task
    const { turns, alerts } = this.#kit
    const first = await this.#learn(beginning)
    if (first.info.isPrivate) keepPrivate(task, this.#kit)
    const hashes = new PieceHashes(first.info, first.layers, this.#kit.ports.digest)
    const metadata = await this.#learnLayers(first, hashes)
    task.signal.throwIfAborted()
    task.learnt(metadata)
    this.#kit.learnt(task, metadata.info.hashes)
    task.onMetadata.resolve()
    if (this.#options.isMetadataOnly) return
    await this.#options.beforeFiles?.(metadata)
    const parts = await this.#openWhenPossible(metadata, hashes)
    if (task.signal.aborted || task.hasFailed) await closeAgain(parts, task)
    turns.enter(task, now => {
      this.#run(parts, now)
      const { torrent } = parts
      task.state = torrent.isComplete ? 'seeding' : 'downloading'
      task.markChanged()
      alerts.emit({
        type: 'checked',
        torrent: task.id,
        good: torrent.pieces.have.count,
        pieces: torrent.geometry.pieceCount,
      })
      task.onChecked.resolve()
      if (torrent.isComplete) {
        alerts.emit({ type: 'completed', torrent: task.id })
        task.onCompleted.resolve()
      }
      if (this.#isKept) task.rest = new TorrentRest({ sleeper: this, turns, idle: this.#kit.idle })
    })
    // Also in the swarm whose key only the metadata told.
    this.#meeting.meet(metadata.trackers)
  }

  /** Also of one that rests, from when it wakes. */
  setSuperSeeding(isSuperSeeding: boolean): void {
    this.#isSuperSeeding = isSuperSeeding
    this.#kit.turns.enter(this.#task, () => this.#task.torrent?.setSuperSeeding(isSuperSeeding))
  }

  // More to ask and to meet.

  addTrackers(urls: readonly string[]): void {
    if (this.#hasEnded) return
    this.#kit.turns.enter(this.#task, now => this.#meeting.addTrackers(urls, now))
  }

  addPeers(peers: readonly Address[]): void {
    if (this.#hasEnded) return
    const named = peers.map(peer => ({ address: peer }))
    this.#kit.turns.enter(this.#task, now => this.#task.found(named, 'manual', now))
  }

  get #hasEnded(): boolean {
    return this.#task.signal.aborted || this.#task.hasFailed
  }

  // Pause.

  get isPausedByUser(): boolean {
    return this.#isHeldByUser
  }

  /** Nobody stays connected, nothing moves, trackers are told; what is in memory goes to the disk. */
  pause(why: HoldReason): void {
    const task = this.#task
    if (this.#isHeldBy(why) || task.signal.aborted || task.hasFailed) return
    this.#setHeld(why, true)
    this.#kit.turns.enter(task, now => {
      this.#tellOf(why, true)
      if (this.#paused) return
      this.#paused = quietWaiter()
      const reason = new UsageError('torrent-paused', `"${task.name}" is paused`)
      for (const peer of [...task.peers]) peer.close(reason)
      this.#leaving = Promise.all([this.#leaving, this.#meeting.pause(now)]).then(() => undefined)
      this.#leaving.catch((error: unknown) => task.fail(error))
      task.rest?.hurry()
    })
  }

  /** Where nothing else holds it up, all goes on as before; trackers hear of it once they know of the pause. */
  async resume(why: HoldReason): Promise<void> {
    const task = this.#task
    const paused = this.#paused
    if (!paused || !this.#isHeldBy(why) || task.signal.aborted || task.hasFailed) return
    this.#setHeld(why, false)
    if (!this.#isHeld) this.#paused = null
    this.#kit.turns.enter(task, () => this.#tellOf(why, false))
    if (this.#isHeld) return
    paused.resolve()
    await this.#leaving
    if (this.#paused !== null || task.signal.aborted || task.hasFailed) return
    this.#kit.turns.enter(task, now => {
      this.#meeting.resume(now)
      task.connectMore(now)
    })
  }

  get #isHeld(): boolean {
    return this.#isHeldByUser || this.#isHeldByQueue
  }

  #isHeldBy(why: HoldReason): boolean {
    return why === 'user' ? this.#isHeldByUser : this.#isHeldByQueue
  }

  #setHeld(why: HoldReason, isHeld: boolean): void {
    if (why === 'user') this.#isHeldByUser = isHeld
    else this.#isHeldByQueue = isHeld
  }

  #tellOf(why: HoldReason, isHeld: boolean): void {
    const task = this.#task
    task.isPaused = this.#isHeld
    task.isQueued = this.#isHeldByQueue && !this.#isHeldByUser
    const types = why === 'user' ? USER_ALERTS : QUEUE_ALERTS
    this.#kit.alerts.emit({ type: isHeld ? types[0] : types[1], torrent: task.id })
    task.markChanged()
  }

  // Rest (Sleeper).

  get mayRest(): boolean {
    return this.#task.mayRest
  }

  async layDown(): Promise<void> {
    const task = this.#task
    const { parts } = task
    if (!parts) return
    task.record = new TorrentRecord(parts.torrent)
    task.markChanged()
    task.parts = null
    task.metadata = null
    task.hashQueries = null
    parts.torrent.close()
    try {
      const layers = parts.hashes.layers()
      if (layers.size > parts.metadata.layers.size) await this.#keep({ ...parts.metadata, layers })
    } finally {
      await this.#close(parts)
    }
  }

  /** A disk that refuses at the end costs what was not committed, and not the torrent. */
  async #close({ disk }: RunningParts): Promise<void> {
    try {
      await disk.close()
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      this.#kit.turns.enter(this.#task, () => this.#task.blocked(error))
    }
  }

  async getUp(): Promise<void> {
    const task = this.#task
    const { turns, metainfo, ports } = this.#kit
    try {
      const metadata = await metainfo?.load(task.hashes)
      if (!metadata) throw new RangeError('only a torrent whose file is kept may rest')
      const hashes = new PieceHashes(metadata.info, metadata.layers, ports.digest)
      const parts = await this.#open(metadata, hashes, { isWaking: true })
      if (task.signal.aborted || task.hasFailed) await closeAgain(parts, task)
      turns.enter(task, now => this.#run(parts, now))
    } catch (error) {
      turns.enter(task, () => {
        if (task.signal.aborted || task.hasFailed) return
        // It runs already: what the disk does now is waited for, whatever it is.
        if (error instanceof StorageError && error.code !== 'metainfo-gone') task.blocked(error)
        else task.fail(error)
      })
      throw error
    }
  }

  fail(error: unknown): void {
    this.#task.fail(error)
  }

  /** A torrent file says it; for a magnet it is remembered from an earlier session, or peers know. */
  async #learn(beginning: Beginning): Promise<TorrentFile> {
    if ('metadata' in beginning) return beginning.metadata
    const { magnet } = beginning
    void findMagnetPeers(this.#task, magnet, this.#kit)
    const kept = await this.#recall(magnet.hashes)
    if (kept) return withPlacesOf(magnet, kept)
    this.#task.state = 'fetching-metadata'
    this.#task.markChanged()
    this.#meeting.meet(magnet.trackers.map(url => [url]))
    return await fetchMetadata(this.#task, magnet, this.#kit)
  }

  /** What cannot be read is fetched anew. */
  async #recall(hashes: InfoHashes): Promise<TorrentFile | null> {
    try {
      return (await this.#kit.metainfo?.find(hashes)) ?? null
    } catch (error) {
      if (error instanceof StorageError && error.code === 'state-locked') throw error
      return null
    }
  }

  async #learnLayers(metadata: TorrentFile, hashes: PieceHashes): Promise<TorrentFile> {
    if (metadata.info.version !== 'v2' || hashes.isComplete) return metadata
    this.#task.state = 'fetching-metadata'
    this.#task.markChanged()
    if (!this.#meeting.hasMet) this.#meeting.meet(metadata.trackers)
    await fetchLayers(this.#task, metadata.info, hashes, this.#kit)
    return { ...metadata, layers: hashes.layers() }
  }

  /** Saves it with the state. Where that cannot be, the torrent lives all the same, and does not rest. */
  async #keep(metadata: TorrentFile): Promise<void> {
    const { metainfo, ports } = this.#kit
    if (!metainfo) return
    try {
      await metainfo.save(metadata, this.#task.id)
      this.#isKept = true
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      ports.logger.log('warn', `the torrent file of "${metadata.info.name}" cannot be kept`, { error })
    }
  }

  /** Its turn is waited for, and a disk that is full or not there. */
  async #openWhenPossible(metadata: TorrentFile, hashes: PieceHashes): Promise<RunningParts> {
    const task = this.#task
    for (let isFirst = true; ; isFirst = false) {
      const leave = await this.#kit.openings.enter(this.#place.folder, task.signal)
      try {
        if (isFirst) await this.#keep(metadata)
        const parts = await this.#open(metadata, hashes, { isWaking: false, hashing: leave })
        if (task.error) task.recovered()
        return parts
      } catch (error) {
        if (task.signal.aborted || !(error instanceof StorageError && mayPass(error))) throw error
        this.#kit.turns.enter(task, () => {
          task.state = 'waiting'
          if (task.error?.code !== error.code) task.blocked(error)
        })
        leave()
        await waitFor(this.#kit.turns, CLIENT_LIMITS.openAgainAfter, task.signal)
      } finally {
        leave()
      }
    }
  }

  #open(
    metadata: TorrentFile,
    hashes: PieceHashes,
    how: { isWaking: boolean; hashing?: () => void },
  ): Promise<RunningParts> {
    const task = this.#task
    const { turns, alerts } = this.#kit
    const checking = (): void => {
      task.state = 'checking'
      task.markChanged()
      alerts.emit({ type: 'checking', torrent: task.id, pieces: metadata.info.geometry.pieceCount })
    }
    return openParts(
      task,
      {
        metadata,
        hashes,
        choice: this.#choice,
        place: this.#place,
        options: { ...this.#options, isSuperSeeding: this.#isSuperSeeding },
        isKnownGood: !how.isWaking && (this.#options.isKnownGood ?? false),
        hold: () => this.#paused && orAborted(this.#paused.promise, task.signal),
        hashing: how.hashing ?? (() => undefined),
        checking: how.isWaking ? () => undefined : () => turns.enter(task, checking),
      },
      this.#kit,
    )
  }

  /** The swarm begins, or goes on after a rest, with the peers that are there. */
  #run(parts: RunningParts, now: number): void {
    const task = this.#task
    const { turns } = this.#kit
    task.run(parts, now)
    // It may have been told while all was being opened.
    parts.torrent.setSuperSeeding(this.#isSuperSeeding)
    for (const peer of task.peers) {
      introducePeer(peer, parts, now)
      task.hashQueries?.offered(peer, now)
      peer.wire.setPieceCount(parts.torrent.geometry.pieceCount)
      recallPeer(peer, now)
    }
    turns.heed(task)
  }
}

/** The torrent left, or failed, while all was being opened. */
async function closeAgain({ disk }: RunningParts, { signal, error }: TorrentTask): Promise<never> {
  await disk.close()
  throw signal.aborted ? signal.reason : error
}

/** Where the magnet says that it can be had, and where else it was known to be. */
function withPlacesOf(magnet: Magnet, kept: TorrentFile): TorrentFile {
  const isNew = (tier: readonly string[]): boolean => !tier.some(url => magnet.trackers.includes(url))
  return {
    ...kept,
    trackers: [...magnet.trackers.map(url => [url]), ...kept.trackers.filter(isNew)],
    webSeeds: [...new Set([...magnet.webSeeds, ...kept.webSeeds])],
  }
}

/** What the user chose, or else what the magnet link suggests (BEP 53), or everything. */
export function choiceOf(beginning: Beginning, options: AddOptions, earlier: TorrentSettings): FileChoice {
  return new FileChoice({
    selected: selectionOf(beginning, options),
    isSequential: options.isSequential ?? earlier.isSequential ?? false,
    digits: options.select ? undefined : earlier.priorities,
  })
}

function selectionOf(beginning: Beginning, { select }: AddOptions): SelectedFiles {
  if (select) return (_file, path) => select(path)
  const ranges = 'magnet' in beginning ? beginning.magnet.selectOnly : null
  if (!ranges) return () => true
  return file => ranges.some(({ first, last }) => file >= first && file <= last)
}

/** Who may not use the disk learns it at once; what passes by itself, or when somebody mounts it, is waited for. */
function mayPass(error: StorageError): boolean {
  return isPassingFault(error) && error.code !== 'storage-denied' && error.code !== 'storage-read-only'
}
