import { CLIENT_LIMITS } from './limits.ts'
import { CLIENT_DEFAULTS } from './options.ts'
import type { Timed, Turns } from './turns.ts'

/** How many torrents of a kind may be active at a time; Infinity: all. */
export interface QueueLimits {
  readonly activeDownloads?: number
  readonly activeSeeds?: number
}

export type QueuePlace = 'download' | 'seed'

/** A torrent that may have to wait for its turn. */
export interface Queued {
  /** Which place it would take; null where it takes none and waits for none: paused, forced, failed. */
  readonly place: QueuePlace | null
  /** Payload both ways, bytes a second. */
  rate(now: number): number
  /** It has to wait. Called again it changes nothing, and so does `letGo`. */
  hold(): void
  letGo(): void
}

/**
 * Which torrents of a session are active: the first in line, as many as may be. One that has moved hardly anything for a
 * while takes no place, and goes on all the same: it would only keep others waiting.
 */
export class TorrentQueue implements Timed {
  readonly #turns: Turns
  readonly #fail: (error: unknown) => void
  #limits: Required<QueueLimits>
  /** In line; each with since when it has been slow, or begun: null while it waits. Bounded by the session's torrents. */
  #line = new Map<Queued, { slowSince: number | null }>()
  #isWaiting = false
  #lookAt = Number.POSITIVE_INFINITY

  constructor(options: { turns: Turns; limits: QueueLimits; fail: (error: unknown) => void }) {
    this.#turns = options.turns
    this.#fail = options.fail
    this.#limits = { activeDownloads: Infinity, activeSeeds: Infinity, ...options.limits }
  }

  setLimits(limits: QueueLimits): void {
    this.#limits = { ...this.#limits, ...limits }
    this.touch()
  }

  /** At the end of the line. It may have to wait before this returns. */
  add(torrent: Queued): void {
    this.#line.set(torrent, { slowSince: null })
    this.#turns.enter(this, now => this.#arrange(now))
  }

  delete(torrent: Queued): void {
    if (this.#line.delete(torrent)) this.touch()
  }

  /** 0: the first. */
  positionOf(torrent: Queued): number {
    return [...this.#line.keys()].indexOf(torrent)
  }

  /** `position`: where in line it shall be; beyond the end: the last. */
  move(torrent: Queued, position: number): void {
    const standing = this.#line.get(torrent)
    if (!standing) return
    const line = [...this.#line].filter(([other]) => other !== torrent)
    line.splice(Math.max(0, position), 0, [torrent, standing])
    this.#line = new Map(line)
    this.touch()
  }

  /** A torrent takes another place than before, or none: who may be active is looked at anew when the turn ends. */
  touch(): void {
    this.#turns.enter(this, now => {
      this.#lookAt = now
      this.#turns.heed(this)
    })
  }

  tick(now: number): void {
    if (now >= this.#lookAt) this.#arrange(now)
  }

  deadline(): number {
    return this.#lookAt
  }

  fail(error: unknown): void {
    this.#fail(error)
  }

  #arrange(now: number): void {
    this.#isWaiting = false
    const { activeDownloads, activeSeeds } = this.#limits
    const free = { download: activeDownloads, seed: activeSeeds }
    for (const [torrent, standing] of this.#line) {
      const { place } = torrent
      if (place === null) {
        standing.slowSince = null
        torrent.letGo()
      } else if (free[place] > 0) {
        torrent.letGo()
        if (!this.#isSlow(torrent, standing, now)) free[place]--
      } else {
        this.#isWaiting = true
        standing.slowSince = null
        torrent.hold()
      }
    }
    this.#lookAt = this.#isWaiting ? now + CLIENT_DEFAULTS.queueLook : Number.POSITIVE_INFINITY
    this.#turns.heed(this)
  }

  #isSlow(torrent: Queued, standing: { slowSince: number | null }, now: number): boolean {
    standing.slowSince ??= now
    if (torrent.rate(now) >= CLIENT_DEFAULTS.slowTorrent) standing.slowSince = now
    return now - standing.slowSince >= CLIENT_LIMITS.slowTorrentAfter
  }
}
