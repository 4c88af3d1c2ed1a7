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
  /** It has to wait. */
  hold(): void
  /** It need not wait any more. */
  letGo(): void
}

/** How one stands in the line. */
interface Standing {
  isHeld: boolean
  /** Since when it has been slow, or since it began; null while it waits. */
  slowSince: number | null
}

/**
 * Which torrents of a session are active: the first in line, as many as may be. One that has moved hardly anything for a
 * while takes no place, and goes on all the same: it would only keep others waiting. A look at the line costs all of it, so
 * what changes within a moment is looked at together, and nothing where all may be active.
 */
export class TorrentQueue implements Timed {
  readonly #turns: Turns
  readonly #fail: (error: unknown) => void
  #limits: Required<QueueLimits>
  /** Bounded by the session's torrents. */
  #line = new Map<Queued, Standing>()
  /** Places that were left at the last look, or since. */
  #free: Record<QueuePlace, number>
  #held = 0
  #lookAt = Number.POSITIVE_INFINITY

  constructor(options: { turns: Turns; limits: QueueLimits; fail: (error: unknown) => void }) {
    this.#turns = options.turns
    this.#fail = options.fail
    const { activeDownloads = Number.POSITIVE_INFINITY, activeSeeds = Number.POSITIVE_INFINITY } =
      options.limits
    this.#limits = { activeDownloads, activeSeeds }
    this.#free = { download: activeDownloads, seed: activeSeeds }
  }

  setLimits(limits: QueueLimits): void {
    this.#limits = { ...this.#limits, ...limits }
    this.touch()
  }

  /** At the end of the line. It may have to wait before this returns. */
  add(torrent: Queued): void {
    const standing: Standing = { isHeld: false, slowSince: null }
    this.#line.set(torrent, standing)
    const { place } = torrent
    if (place === null) return
    if (this.#free[place] > 0) this.#free[place]--
    else {
      this.#hold(torrent, standing)
      this.touch()
    }
  }

  delete(torrent: Queued): void {
    if (this.#line.get(torrent)?.isHeld) this.#held--
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

  /** A torrent takes another place than before, or none: who may be active is looked at anew in a moment. */
  touch(): void {
    if (this.#held === 0 && this.#mayAllBeActive) return
    this.#turns.enter(this, now => {
      this.#lookAt = Math.min(this.#lookAt, now + CLIENT_DEFAULTS.queueGather)
      this.#turns.heed(this)
    })
  }

  get #mayAllBeActive(): boolean {
    const { activeDownloads, activeSeeds } = this.#limits
    return activeDownloads === Number.POSITIVE_INFINITY && activeSeeds === Number.POSITIVE_INFINITY
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
    const { activeDownloads, activeSeeds } = this.#limits
    this.#free = { download: activeDownloads, seed: activeSeeds }
    for (const [torrent, standing] of this.#line) {
      const { place } = torrent
      if (place !== null && this.#free[place] <= 0) this.#hold(torrent, standing)
      else this.#letGo(torrent, standing)
      if (place === null) standing.slowSince = null
      else if (!standing.isHeld && !this.#isSlow(torrent, standing, now)) this.#free[place]--
    }
    this.#lookAt = this.#held > 0 ? now + CLIENT_DEFAULTS.queueLook : Number.POSITIVE_INFINITY
    this.#turns.heed(this)
  }

  #hold(torrent: Queued, standing: Standing): void {
    standing.slowSince = null
    if (standing.isHeld) return
    standing.isHeld = true
    this.#held++
    torrent.hold()
  }

  #letGo(torrent: Queued, standing: Standing): void {
    if (!standing.isHeld) return
    standing.isHeld = false
    this.#held--
    torrent.letGo()
  }

  #isSlow(torrent: Queued, standing: { slowSince: number | null }, now: number): boolean {
    standing.slowSince ??= now
    if (torrent.rate(now) >= CLIENT_DEFAULTS.slowTorrent) standing.slowSince = now
    return now - standing.slowSince >= CLIENT_LIMITS.slowTorrentAfter
  }
}
