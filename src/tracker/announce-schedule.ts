/**
 * When which tracker of a torrent is told what (BEP 3, 12, 31). It asks nobody itself: the owner takes what is `due`,
 * carries it out, and reports `succeeded` or `failed` for each.
 *
 * - A lane is a list of tiers of which one tracker at a time is enough. By default all tiers are one lane, as BEP 12
 *   has it; `AnnounceBreadth` makes each tier, or each tracker, a lane of its own.
 * - A round begins at the lane's front; who fails is followed at once by the next one that is not backing off. Who
 *   succeeds moves to the front of its tier and ends the round.
 * - A tracker that was told `started` is told `completed` once, if the torrent was not complete at the start, and
 *   `stopped` once.
 */

import type { Dice } from '../core/ports.ts'
import type { AnnounceResponse } from './announce.ts'
import { TRACKER_LIMITS } from './limits.ts'
import { SCHEDULE_DEFAULTS } from './options.ts'

export type ScheduledEvent = 'started' | 'completed' | 'stopped'

/**
 * How many trackers hear of a torrent at a time: the first that answers (BEP 12), one of each tier, or all of them.
 * With more of them more peers may be found, and more is asked of trackers.
 */
export type AnnounceBreadth = 'first' | 'every-tier' | 'every-tracker'

/** One announce to carry out now. */
export interface DueAnnounce {
  /** The announce URL. */
  readonly tracker: string
  readonly event: ScheduledEvent | null
}

/** What of an answer matters for the time of the next one. */
export type AnnounceOutcome = Pick<AnnounceResponse, 'intervalSeconds' | 'minIntervalSeconds'> &
  Partial<Pick<AnnounceResponse, 'warning' | 'trackerId'>>

/** Why an announce came to nothing; a `TrackerError` fits. */
export interface AnnounceFailure {
  readonly message: string
  /** BEP 31; Infinity: never asked again. */
  readonly retryInSeconds?: number | null
}

/** One tracker's state, for people. Times are monotonic milliseconds. */
export interface TrackerState {
  readonly tracker: string
  /** 0 is asked first. */
  readonly tier: number
  /** `idle`: not asked yet, or left alone because an earlier one of its tier does. */
  readonly state: 'idle' | 'announcing' | 'working' | 'failed'
  /** What it said last: why it failed, or a warning. */
  readonly message: string | null
  /** When it is asked next; Infinity where that is not planned. */
  readonly nextAt: number
  /** Null before the first success. */
  readonly succeededAt: number | null
  /** In a row. */
  readonly failures: number
}

interface Tracker {
  readonly url: string
  readonly tier: number
  readonly lane: Lane
  /** The event it is being told; undefined while nothing is under way. */
  telling: ScheduledEvent | null | undefined
  /** It was told `started` and is owed a `stopped`. */
  knowsUs: boolean
  isOwedCompleted: boolean
  /** Whether the torrent was complete when it was told `started`. */
  startedComplete: boolean
  failures: number
  /** Not asked before: its back-off. Infinity: it asked never to be asked again. */
  retryAt: number
  /** Not asked before: its `min interval`. */
  earliestAt: number
  succeededAt: number | null
  message: string | null
  /** BEP 3's `tracker id`, sent back with each announce. */
  trackerId: string | undefined
}

interface Lane {
  /** In the order in which they are asked; bounded by `TRACKER_LIMITS.trackers`. */
  readonly trackers: Tracker[]
  /** How many of them this round has asked. */
  position: number
  /** When the round goes on, or the next begins. */
  nextAt: number
}

export interface AnnounceScheduleOptions {
  /** Announce URLs; tier 0 is asked first. Beyond `TRACKER_LIMITS.trackers`, and what is there twice, is left out. */
  readonly tiers: readonly (readonly string[])[]
  readonly dice: Dice
  /** Default `first`. */
  readonly breadth?: AnnounceBreadth | undefined
  /** What shorter intervals are raised to. Default: `TRACKER_LIMITS.shortestIntervalSeconds`. */
  readonly shortestIntervalSeconds?: number
}

export class AnnounceSchedule {
  readonly #dice: Dice
  readonly #breadth: AnnounceBreadth
  readonly #shortestInterval: number
  readonly #lanes: Lane[] = []
  readonly #trackers = new Map<string, Tracker>()
  #tierCount = 0
  #phase: 'idle' | 'running' | 'stopping' = 'idle'
  #isComplete = false

  constructor(options: AnnounceScheduleOptions) {
    this.#dice = options.dice
    this.#breadth = options.breadth ?? 'first'
    this.#shortestInterval = options.shortestIntervalSeconds ?? TRACKER_LIMITS.shortestIntervalSeconds
    for (const tier of options.tiers) this.addTier(tier)
  }

  /** Adds a tier behind the others, shuffled (BEP 12). Trackers that are there already stay where they are. */
  addTier(urls: readonly string[]): void {
    const fresh = [...new Set(urls)].filter(url => !this.#trackers.has(url))
    const room = TRACKER_LIMITS.trackers - this.#trackers.size
    const tier = shuffled(fresh, this.#dice).slice(0, room)
    if (tier.length === 0) return
    const groups = this.#breadth === 'every-tracker' ? tier.map(url => [url]) : [tier]
    for (const group of groups) this.#append(group, this.#laneForNewcomers())
    this.#tierCount++
  }

  /** Begins (again). `isComplete`: everything is there already, so `completed` is never sent (BEP 3). */
  start(now: number, isComplete = false): void {
    this.#phase = 'running'
    this.#isComplete = isComplete
    for (const tracker of this.#trackers.values()) {
      tracker.knowsUs = false
      tracker.isOwedCompleted = false
    }
    for (const lane of this.#lanes) beginRound(lane, now)
  }

  /** The torrent became complete: whoever was told `started` is told so at once. */
  complete(_now: number): void {
    if (this.#isComplete || this.#phase !== 'running') return
    this.#isComplete = true
    for (const tracker of this.#trackers.values()) if (tracker.knowsUs) tracker.isOwedCompleted = true
  }

  /** From now on only `stopped` is due, once for everyone who was told `started`. */
  stop(_now: number): void {
    if (this.#phase === 'running') this.#phase = 'stopping'
  }

  /** Whether `stop` was called and nothing is left to be told. */
  get isStopped(): boolean {
    if (this.#phase !== 'stopping') return this.#phase === 'idle'
    for (const tracker of this.#trackers.values()) {
      if (tracker.knowsUs || tracker.telling !== undefined) return false
    }
    return true
  }

  /** Peers are short: the next announce comes as early as the trackers' minimum interval allows. */
  wantPeers(now: number): void {
    for (const lane of this.#lanes) {
      const earliest = Math.max(now, ...lane.trackers.map(tracker => tracker.earliestAt))
      lane.nextAt = Math.min(lane.nextAt, earliest)
    }
  }

  /** What is to be announced now. Each is under way from here on, until it is reported. */
  due(now: number): DueAnnounce[] {
    const due: DueAnnounce[] = []
    if (this.#phase === 'stopping') {
      for (const tracker of this.#trackers.values()) if (tracker.knowsUs) tell(tracker, 'stopped', due)
    }
    if (this.#phase === 'running') {
      for (const lane of this.#lanes) this.#continueRound(lane, now, due)
      for (const tracker of this.#trackers.values()) {
        if (tracker.isOwedCompleted && tracker.retryAt <= now) tell(tracker, 'completed', due)
      }
    }
    return due
  }

  succeeded(url: string, outcome: AnnounceOutcome, now: number): void {
    const tracker = this.#trackers.get(url)
    if (tracker === undefined || tracker.telling === undefined) return
    const told = tracker.telling
    tracker.telling = undefined
    tracker.failures = 0
    tracker.retryAt = 0
    tracker.message = outcome.warning ?? null
    tracker.trackerId = outcome.trackerId ?? tracker.trackerId
    tracker.succeededAt = now
    this.#noteTold(tracker, told)
    this.#plan(tracker, outcome, now)
  }

  /** Answers when this tracker is asked again at the earliest; Infinity for never. */
  failed(url: string, failure: AnnounceFailure, now: number): number {
    const tracker = this.#trackers.get(url)
    if (tracker === undefined) return Number.POSITIVE_INFINITY
    if (tracker.telling === undefined) return tracker.retryAt
    const told = tracker.telling
    tracker.telling = undefined
    tracker.failures++
    tracker.message = failure.message
    tracker.retryAt = now + Math.max(this.#backOff(tracker.failures), (failure.retryInSeconds ?? 0) * 1000)
    // What could not be told at the end is left; a `started` that was cut short by it may have arrived.
    if (told === 'stopped') tracker.knowsUs = false
    else if (this.#phase === 'stopping' && told === 'started') tracker.knowsUs = true
    tracker.lane.nextAt = Math.min(tracker.lane.nextAt, now)
    return tracker.retryAt
  }

  /** What this tracker wants to see again in each announce. */
  trackerId(url: string): string | undefined {
    return this.#trackers.get(url)?.trackerId
  }

  /** Monotonic milliseconds of the next time that `due` has something; Infinity where nothing is planned. */
  deadline(): number {
    let earliest = Number.POSITIVE_INFINITY
    if (this.#phase === 'running') {
      for (const lane of this.#lanes) if (!isBusy(lane)) earliest = Math.min(earliest, lane.nextAt)
    }
    for (const tracker of this.#trackers.values()) {
      if (tracker.telling !== undefined) continue
      if (this.#phase === 'stopping' && tracker.knowsUs) return 0
      if (this.#phase === 'running' && tracker.isOwedCompleted) earliest = Math.min(earliest, tracker.retryAt)
    }
    return earliest
  }

  /** Every tracker, in the order in which they are asked. */
  states(): TrackerState[] {
    return this.#lanes.flatMap(lane => lane.trackers.map(tracker => this.#stateOf(tracker)))
  }

  #append(urls: readonly string[], lane: Lane): void {
    for (const url of urls) {
      const tracker = newTracker(url, this.#tierCount, lane)
      lane.trackers.push(tracker)
      this.#trackers.set(url, tracker)
    }
    if (lane.trackers.every(({ succeededAt }) => succeededAt === null)) beginRound(lane, 0)
  }

  #laneForNewcomers(): Lane {
    const shared = this.#lanes[0]
    if (shared && this.#breadth === 'first') return shared
    const lane: Lane = { trackers: [], position: 0, nextAt: 0 }
    this.#lanes.push(lane)
    return lane
  }

  #continueRound(lane: Lane, now: number, due: DueAnnounce[]): void {
    if (isBusy(lane)) return
    while (lane.nextAt <= now) {
      const tracker = lane.trackers[lane.position++]
      if (tracker === undefined) {
        // Everyone failed: the next round begins when the first back-off ends.
        beginRound(lane, Math.min(...lane.trackers.map(({ retryAt }) => retryAt)))
      } else if (tracker.retryAt <= now) {
        const isNew = !tracker.knowsUs
        if (isNew) tracker.startedComplete = this.#isComplete
        tell(tracker, isNew ? 'started' : tracker.isOwedCompleted ? 'completed' : null, due)
        return
      }
    }
  }

  #noteTold(tracker: Tracker, told: ScheduledEvent | null): void {
    if (told === 'stopped') tracker.knowsUs = false
    if (told === 'completed') tracker.isOwedCompleted = false
    if (told === 'started') {
      tracker.knowsUs = true
      tracker.isOwedCompleted = this.#isComplete && !tracker.startedComplete
    }
  }

  #plan(tracker: Tracker, outcome: AnnounceOutcome, now: number): void {
    const said = outcome.intervalSeconds ?? SCHEDULE_DEFAULTS.intervalSeconds
    const interval = clamp(said, this.#shortestInterval, TRACKER_LIMITS.longestIntervalSeconds)
    const least = outcome.minIntervalSeconds ?? Math.min(interval, SCHEDULE_DEFAULTS.minIntervalSeconds)
    tracker.earliestAt = now + clamp(least, 0, TRACKER_LIMITS.longestIntervalSeconds) * 1000
    const lateness = 1 + this.#dice.fraction() * SCHEDULE_DEFAULTS.jitter
    beginRound(tracker.lane, Math.max(tracker.earliestAt, now + interval * 1000 * lateness))
    promote(tracker)
  }

  #backOff(failures: number): number {
    const doubled = SCHEDULE_DEFAULTS.backOffSeconds * 2 ** Math.min(failures - 1, 16)
    const seconds = Math.min(doubled, SCHEDULE_DEFAULTS.longestBackOffSeconds)
    return seconds * 1000 * (1 + this.#dice.fraction() * SCHEDULE_DEFAULTS.backOffJitter)
  }

  #stateOf(tracker: Tracker): TrackerState {
    const state = stateOf(tracker)
    const nextAt = state === 'working' ? tracker.lane.nextAt : state === 'failed' ? tracker.retryAt : Infinity
    return {
      tracker: tracker.url,
      tier: tracker.tier,
      state,
      message: tracker.message,
      nextAt: this.#phase === 'running' ? nextAt : Infinity,
      succeededAt: tracker.succeededAt,
      failures: tracker.failures,
    }
  }
}

function newTracker(url: string, tier: number, lane: Lane): Tracker {
  return {
    url,
    tier,
    lane,
    telling: undefined,
    knowsUs: false,
    isOwedCompleted: false,
    startedComplete: false,
    failures: 0,
    retryAt: 0,
    earliestAt: 0,
    succeededAt: null,
    message: null,
    trackerId: undefined,
  }
}

function tell(tracker: Tracker, event: ScheduledEvent | null, due: DueAnnounce[]): void {
  if (tracker.telling !== undefined) return
  tracker.telling = event
  due.push({ tracker: tracker.url, event })
}

function isBusy(lane: Lane): boolean {
  return lane.trackers.some(tracker => tracker.telling !== undefined)
}

function beginRound(lane: Lane, at: number): void {
  lane.position = 0
  lane.nextAt = at
}

/** BEP 12: who answers moves to the front of its tier. */
function promote(tracker: Tracker): void {
  const { trackers } = tracker.lane
  const front = trackers.findIndex(other => other.tier === tracker.tier)
  trackers.splice(trackers.indexOf(tracker), 1)
  trackers.splice(front, 0, tracker)
}

function stateOf(tracker: Tracker): TrackerState['state'] {
  if (tracker.telling !== undefined) return 'announcing'
  if (tracker.failures > 0) return 'failed'
  return tracker.succeededAt === null ? 'idle' : 'working'
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}

function shuffled(urls: readonly string[], dice: Dice): string[] {
  const deck = [...urls]
  for (let i = deck.length - 1; i > 0; i--) {
    const j = dice.below(i + 1)
    ;[deck[i], deck[j]] = [deck[j]!, deck[i]!]
  }
  return deck
}
