/** How a torrent gets to know others: trackers, and peers named by hand. */

import { equalBytes, formatHex } from '../core/bytes.ts'
import { type SwarmKey, swarmKeys } from '../core/ids.ts'
import { AnnounceSchedule } from '../tracker/announce-schedule.ts'
import { TRACKER_LIMITS } from '../tracker/limits.ts'
import { type AnnounceFacts, Announcer } from './announcer.ts'
import { isSecondSwarm } from './is-second-swarm.ts'
import type { LifeKit } from './life-kit.ts'
import { CLIENT_LIMITS } from './limits.ts'
import type { AddOptions } from './session-options.ts'
import { TimeLimit } from './time-limit.ts'
import type { TorrentTask } from './torrent-task.ts'

/** BEP 12: tiers of tracker URLs. */
type Tiers = readonly (readonly string[])[]

interface Meeting {
  readonly keys: readonly SwarmKey[]
  readonly tiers: Tiers
}

/** Enters the swarms of one torrent, each once: a magnet may name one of two, and its metadata the other. */
export class SwarmMeeting {
  readonly #task: TorrentTask
  readonly #options: AddOptions
  readonly #kit: LifeKit
  /** The swarms that were entered. Bounded by the hashes of a torrent. */
  readonly #met: Meeting[] = []
  /** Beside those that the torrent names. As added later, bounded by `trackers`. */
  #trackers: readonly string[]

  constructor(task: TorrentTask, options: AddOptions, kit: LifeKit) {
    this.#task = task
    this.#options = options
    this.#kit = kit
    this.#trackers = options.trackers ?? []
    task.announcers.whenStopped(now => kit.finders.leave(task, now))
  }

  get hasMet(): boolean {
    return this.#met.length > 0
  }

  /** Begins to announce in the swarms that are new, and to talk to the peers that were named by hand. */
  meet(tiers: Tiers): void {
    const known = this.#met.flatMap(({ keys }) => keys)
    const keys = swarmKeys(this.#task.hashes).filter(key => !known.some(other => equalBytes(key, other)))
    this.#met.push({ keys, tiers })
    if (!this.#task.isPaused) this.#kit.turns.enter(this.#task, now => this.#enter({ keys, tiers }, now))
  }

  /** Asks these too, a tier each, behind all others. Of a torrent that is paused or not begun they are asked with the others. */
  addTrackers(urls: readonly string[], now: number): void {
    const fresh = [...new Set(urls)].filter(url => !this.#trackers.includes(url))
    this.#trackers = [...this.#trackers, ...fresh].slice(0, TRACKER_LIMITS.trackers)
    const { announcers, isPaused } = this.#task
    if (isPaused || !this.#isAnnounced) return
    if (announcers.isEmpty) for (const meeting of this.#met) this.#announce(meeting, now)
    else
      announcers.addTiers(
        fresh.map(url => [url]),
        now,
      )
  }

  /** Tells the trackers that we leave. */
  async pause(now: number): Promise<void> {
    const patience = new TimeLimit(this.#kit.turns, CLIENT_LIMITS.stopAnnounce)
    try {
      await this.#task.announcers.stop(now, patience.signal)
    } finally {
      patience.close()
    }
  }

  /** Enters all swarms again. What was to be told before is told by now: no tracker hears of it in the wrong order. */
  resume(now: number): void {
    for (const meeting of this.#met) this.#enter(meeting, now)
  }

  get #isAnnounced(): boolean {
    return this.#options.announces ?? true
  }

  #enter(meeting: Meeting, now: number): void {
    if (this.#isAnnounced) {
      this.#announce(meeting, now)
      this.#kit.finders.enter(this.#task, meeting.keys, now)
    }
    const peers = this.#options.peers ?? []
    this.#task.found(
      peers.map(peer => ({ address: peer })),
      'manual',
      now,
    )
  }

  #announce({ keys, tiers }: Meeting, now: number): void {
    const all = [...tiers, ...this.#trackers.map(url => [url])]
    if (all.length === 0) return
    const key = formatHex(this.#kit.ports.secrets.bytes(4))
    const announcers = keys.map(infoHash => this.#announcer(infoHash, key, all))
    this.#task.announcers.start(announcers, now, this.#task.isComplete)
  }

  #announcer(infoHash: SwarmKey, key: string, tiers: Tiers): Announcer {
    const task = this.#task
    const { ports, turns, alerts, peerId } = this.#kit
    return new Announcer({
      torrent: task.id,
      infoHash,
      peerId,
      key,
      schedule: new AnnounceSchedule({
        tiers,
        dice: ports.dice,
        breadth: this.#options.announceTo,
      }),
      client: ports.trackers,
      turns,
      alerts,
      facts: () => this.#facts(),
      foundPeers: (peers, at) => task.found(peers, 'tracker', at, isSecondSwarm(task, infoHash)),
      changed: task.markChanged,
      fail: error => task.fail(error),
    })
  }

  #facts(): AnnounceFacts {
    const { tally, standing, isComplete, peerCount } = this.#task
    return {
      port: this.#kit.listenPort(),
      uploaded: tally.uploaded,
      downloaded: tally.downloaded,
      left: standing ? standing.missingBytes : Number.MAX_SAFE_INTEGER,
      numWant: isComplete ? 0 : Math.max(0, CLIENT_LIMITS.connectionsPerTorrent - peerCount),
    }
  }
}
