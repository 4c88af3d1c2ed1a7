import type { Address } from '../core/address.ts'
import { StorageError } from '../core/errors.ts'
import type { AlertStream } from './alert-stream.ts'
import type { FileChoice } from './file-choice.ts'
import type { GoalWatch, Striver } from './goal-watch.ts'
import { checkGoals, type SeedingGoal, type SeedingGoals } from './seeding-goals.ts'
import type { Limits } from './session-options.ts'
import type { SettingsStore } from './settings-store.ts'
import type { TorrentLife } from './torrent-life.ts'
import type { Queued, QueuePlace, TorrentQueue } from './torrent-queue.ts'
import { placeOf, type SavedPlace, type TorrentSettings, withPlace } from './torrent-settings.ts'
import type { TorrentTask } from './torrent-task.ts'

/** What the torrents of a session have in common. */
export interface ConductKit {
  readonly queue: TorrentQueue
  readonly watch: GoalWatch
  readonly alerts: AlertStream
  /** Of torrents that have none of their own. */
  readonly usualGoals: SeedingGoals
  /** Null where nothing is remembered. */
  readonly store: SettingsStore | null
}

/**
 * How a torrent is to behave, as its user said when it was added, in an earlier session or meanwhile: paused or not, its
 * place in the queue, when it has given enough, its limits. What is said while it runs is remembered.
 */
export class TorrentConduct implements Queued, Striver {
  readonly #task: TorrentTask
  readonly #life: TorrentLife
  readonly #kit: ConductKit
  readonly choice: FileChoice
  #settings: TorrentSettings
  #isChanged = false
  #saving: Promise<void> | null = null
  #hasReached = false
  seededFor: number

  /** `settings`: what was remembered, and over it what was said just now. */
  constructor(options: {
    task: TorrentTask
    life: TorrentLife
    choice: FileChoice
    kit: ConductKit
    settings: TorrentSettings
  }) {
    this.#task = options.task
    this.#life = options.life
    this.#kit = options.kit
    this.choice = options.choice
    this.#settings = options.settings
    this.seededFor = options.settings.seededFor ?? 0
  }

  /** Before anything is done with the torrent. */
  begin(): void {
    if (this.#settings.isPaused) this.#life.pause('user')
    this.#kit.queue.add(this)
    this.#kit.watch.watch(this)
  }

  /** It leaves. Resolves when what was said of it is saved, or cannot be. */
  async end(): Promise<void> {
    this.#kit.queue.delete(this)
    this.#kit.watch.forget(this)
    if (this.seededFor !== (this.#settings.seededFor ?? 0)) this.#remember({})
    await this.#saving
  }

  pause(): void {
    this.#life.pause('user')
    this.#kit.queue.touch()
    this.#remember({ isPaused: true })
  }

  /** Where a goal was reached, it goes on without goals. */
  async resume(): Promise<void> {
    this.#remember({ isPaused: false, ...(this.#hasReached && { goals: {} }) })
    this.#hasReached = false
    const resumed = this.#life.resume('user')
    this.#kit.queue.touch()
    await resumed
  }

  addTrackers(urls: readonly string[]): void {
    this.#life.addTrackers(urls)
  }

  addPeers(peers: readonly Address[]): void {
    this.#life.addPeers(peers)
  }

  setLimits(limits: Limits): void {
    this.#task.setLimits(limits)
    this.#remember(limits)
  }

  setSequential(isSequential: boolean): void {
    this.#remember({ isSequential })
  }

  get isSuperSeeding(): boolean {
    return this.#settings.isSuperSeeding ?? false
  }

  setSuperSeeding(isSuperSeeding: boolean): void {
    this.#life.setSuperSeeding(isSuperSeeding)
    this.#remember({ isSuperSeeding })
  }

  /** Other files are wanted than before. */
  chosen(): void {
    this.#kit.queue.touch()
    this.#remember({ ...(this.choice.digits !== null && { priorities: this.choice.digits }) })
  }

  /** Where it lies from now on. Rejects where that cannot be remembered, and then it was not said. */
  async moved(place: SavedPlace): Promise<void> {
    const saved = (this.#saving ?? Promise.resolve()).then(async () => {
      const before = placeOf(this.#settings)
      // At once: what is said meanwhile is saved after it, and with it.
      this.#settings = withPlace(this.#settings, place)
      try {
        await this.#kit.store?.save(this.#task.id, this.#settings)
      } catch (error) {
        this.#settings = withPlace(this.#settings, before)
        throw error
      }
    })
    this.#saving = saved.catch(() => undefined)
    await saved
  }

  // The queue (Queued).

  get place(): QueuePlace | null {
    const task = this.#task
    if (this.#settings.isForced || this.#life.isPausedByUser || task.hasFailed || task.signal.aborted)
      return null
    return task.isComplete ? 'seed' : 'download'
  }

  rate(now: number): number {
    let rate = 0
    for (const { peer } of this.#task.peers)
      if (peer) rate += peer.downloadRate.perSecond(now) + peer.uploadRate.perSecond(now)
    return rate
  }

  hold(): void {
    this.#life.pause('queue')
  }

  letGo(): void {
    this.#life.resume('queue').catch((error: unknown) => this.#task.fail(error))
  }

  get position(): number {
    return this.#kit.queue.positionOf(this)
  }

  move(position: number): void {
    this.#kit.queue.move(this, position)
  }

  setForced(isForced: boolean): void {
    this.#remember({ isForced })
    this.#kit.queue.touch()
  }

  // Goals (Striver).

  get goals(): SeedingGoals {
    return this.#settings.goals ?? this.#kit.usualGoals
  }

  setGoals(goals: SeedingGoals): void {
    this.#remember({ goals: checkGoals(goals) })
    this.#hasReached = false
    this.#kit.watch.watch(this)
  }

  get isSeeding(): boolean {
    return this.#task.state === 'seeding' && !this.#task.isPaused
  }

  get figures(): { uploaded: number; downloaded: number; wantedLength: number } {
    const { earlier, tally, standing } = this.#task
    return {
      uploaded: (earlier?.uploaded ?? 0) + tally.uploaded,
      downloaded: (earlier?.downloaded ?? 0) + tally.downloaded,
      wantedLength: standing?.progress.wanted ?? 0,
    }
  }

  reached(goal: SeedingGoal): void {
    this.#kit.alerts.emit({ type: 'goal-reached', torrent: this.#task.id, goal })
    this.pause()
    this.#hasReached = true
  }

  #remember(change: TorrentSettings): void {
    this.#settings = { ...this.#settings, ...change, seededFor: this.seededFor }
    if (this.#kit.store === null || this.#isChanged) return
    this.#isChanged = true
    // What is said at the same time is saved at once, and one save follows the other.
    this.#saving = (this.#saving ?? Promise.resolve()).then(() => this.#save())
  }

  async #save(): Promise<void> {
    this.#isChanged = false
    try {
      await this.#kit.store?.save(this.#task.id, this.#settings)
    } catch (error) {
      // What was said holds for this session all the same.
      if (!(error instanceof StorageError)) this.#task.fail(error)
    }
  }
}
