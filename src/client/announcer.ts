import { BitTorrentError, TrackerError } from '../core/errors.ts'
import type { TorrentId } from '../core/ids.ts'
import type { AnnounceRequest, TrackerPeer } from '../tracker/announce.ts'
import type { AnnounceSchedule, ScheduledEvent } from '../tracker/announce-schedule.ts'
import type { AlertStream } from './alert-stream.ts'
import type { TrackerClient } from './session-ports.ts'
import type { TrackerStatus } from './torrent-status.ts'
import type { Timed, Turns } from './turns.ts'

/** What an announce says of us at the moment it is made. */
export interface AnnounceFacts {
  readonly port: number
  readonly uploaded: number
  readonly downloaded: number
  readonly left: number
  /** How many more peers are welcome. */
  readonly numWant: number
}

/** Tells one swarm's trackers how we are doing, when the schedule says so, and hands on the peers they name. */
export class Announcer implements Timed {
  readonly #torrent: TorrentId
  readonly #infoHash: Uint8Array
  readonly #peerId: Uint8Array
  readonly #key: string
  readonly #schedule: AnnounceSchedule
  readonly #client: Pick<TrackerClient, 'announce'>
  readonly #turns: Turns
  readonly #alerts: AlertStream
  readonly #facts: () => AnnounceFacts
  readonly #foundPeers: (peers: readonly TrackerPeer[], now: number) => void
  readonly #changed: () => void
  readonly #fail: (error: unknown, now: number) => void
  readonly #abort = new AbortController()
  /** Announces under way; `stop` waits for them. Bounded by the trackers. */
  readonly #underWay = new Set<Promise<void>>()
  #isStopping = false
  /** In the last announce. */
  #toldPort: number | null = null
  /** Seeds and leeches as each tracker said last. Bounded by the trackers. */
  readonly #counts = new Map<string, { seeds: number | null; leeches: number | null }>()

  constructor(options: {
    torrent: TorrentId
    infoHash: Uint8Array
    peerId: Uint8Array
    /** BEP 7: by which a tracker knows us again when our address changes. */
    key: string
    schedule: AnnounceSchedule
    client: Pick<TrackerClient, 'announce'>
    turns: Turns
    alerts: AlertStream
    facts: () => AnnounceFacts
    foundPeers: (peers: readonly TrackerPeer[], now: number) => void
    /** What `states` says is new. */
    changed: () => void
    fail: (error: unknown, now: number) => void
  }) {
    this.#torrent = options.torrent
    this.#infoHash = options.infoHash
    this.#peerId = options.peerId
    this.#key = options.key
    this.#schedule = options.schedule
    this.#client = options.client
    this.#turns = options.turns
    this.#alerts = options.alerts
    this.#facts = options.facts
    this.#foundPeers = options.foundPeers
    this.#changed = options.changed
    this.#fail = options.fail
  }

  /** `isComplete`: there is nothing to download, so no `completed` will follow. */
  start(now: number, isComplete: boolean): void {
    this.#schedule.start(now, isComplete)
    this.tick(now)
    this.#turns.heed(this)
  }

  /** Trackers behind those that are there. */
  addTiers(tiers: readonly (readonly string[])[], now: number): void {
    for (const tier of tiers) this.#schedule.addTier(tier)
    this.tick(now)
    this.#turns.heed(this)
    this.#changed()
  }

  complete(now: number): void {
    this.#schedule.complete(now)
    this.tick(now)
    this.#turns.heed(this)
  }

  /** There are too few peers: asks before the interval is over, as far as the tracker's minimum allows. */
  wantPeers(now: number): void {
    this.#schedule.wantPeers(now)
    this.#turns.heed(this)
  }

  /** Tells anew, as early as trackers allow, where they were told of another port than the one that holds now. */
  portChanged(now: number): void {
    if (this.#toldPort !== null && this.#toldPort !== this.#facts().port) this.wantPeers(now)
  }

  /** Tells the trackers that we leave, and waits until they know or the signal aborts. */
  async stop(now: number, signal: AbortSignal): Promise<void> {
    this.#isStopping = true
    this.#schedule.stop(now)
    this.#turns.forget(this)
    const giveUp = (): void => this.#abort.abort()
    signal.addEventListener('abort', giveUp, { once: true })
    if (signal.aborted) giveUp()
    // Who is being told something else now is told that we leave right after.
    for (this.tick(now); this.#underWay.size > 0; this.tick(this.#turns.now())) {
      await Promise.allSettled([...this.#underWay])
    }
    signal.removeEventListener('abort', giveUp)
  }

  tick(now: number): void {
    for (const order of this.#schedule.due(now)) {
      const asked = this.#announce(order.tracker, order.event)
      this.#underWay.add(asked)
      void asked.finally(() => this.#underWay.delete(asked))
    }
  }

  deadline(): number {
    return this.#isStopping ? Number.POSITIVE_INFINITY : this.#schedule.deadline()
  }

  fail(error: unknown, now: number): void {
    this.#fail(error, now)
  }

  states(now: number): TrackerStatus[] {
    return this.#schedule.states().map(state => ({
      url: state.tracker,
      state: state.state,
      message: state.message,
      seeds: this.#counts.get(state.tracker)?.seeds ?? null,
      leeches: this.#counts.get(state.tracker)?.leeches ?? null,
      nextInSeconds: Number.isFinite(state.nextAt)
        ? Math.max(0, Math.round((state.nextAt - now) / 1000))
        : null,
    }))
  }

  async #announce(tracker: string, event: ScheduledEvent | null): Promise<void> {
    const facts = this.#facts()
    this.#toldPort = facts.port
    this.#changed()
    const trackerId = this.#schedule.trackerId(tracker)
    const request: AnnounceRequest = {
      infoHash: this.#infoHash,
      peerId: this.#peerId,
      key: this.#key,
      port: facts.port,
      uploaded: facts.uploaded,
      downloaded: facts.downloaded,
      left: facts.left,
      event,
      numWant: event === 'stopped' ? 0 : facts.numWant,
      isCompact: true,
      noPeerId: true,
      ...(trackerId === undefined ? {} : { trackerId }),
    }
    try {
      const answer = await this.#client.announce(tracker, request, { signal: this.#abort.signal })
      this.#turns.enter(this, now => {
        this.#schedule.succeeded(tracker, answer, now)
        this.portChanged(now)
        this.#counts.set(tracker, { seeds: answer.complete, leeches: answer.incomplete })
        this.#changed()
        this.#alerts.emit({
          type: 'tracker-answered',
          torrent: this.#torrent,
          tracker,
          event,
          peers: answer.peers.length,
          seeds: answer.complete,
          leeches: answer.incomplete,
          warning: answer.warning,
        })
        if (event !== 'stopped') this.#foundPeers(answer.peers, now)
        this.#turns.heed(this)
      })
    } catch (error) {
      this.#turns.enter(this, now => this.#refused(tracker, error, now))
    }
  }

  #refused(tracker: string, error: unknown, now: number): void {
    const known =
      error instanceof BitTorrentError
        ? error
        : new TrackerError('tracker-unreachable', `${tracker} could not be asked`, { cause: error })
    const retryAt = this.#schedule.failed(tracker, known, now)
    this.#changed()
    this.#alerts.emit({
      type: 'tracker-failed',
      torrent: this.#torrent,
      tracker,
      error: known,
      retryInSeconds: Math.max(0, Math.round((retryAt - now) / 1000)),
    })
    this.#turns.heed(this)
  }
}
