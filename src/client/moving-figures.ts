import type { PayloadTally } from '../swarm/payload-tally.ts'

/** Rates are over a window of so long: when nothing has moved since, they are 0. */
const RATE_WINDOW = 6000

/** Tells when the figures of a torrent have moved, and once more when its rates have come to rest. */
export class MovingFigures {
  #seen = 0
  /** When rates are 0 again; Infinity while they are. */
  deadline = Number.POSITIVE_INFINITY

  isNew({ downloaded, uploaded }: PayloadTally, now: number): boolean {
    const moved = downloaded + uploaded
    if (moved !== this.#seen) {
      this.#seen = moved
      this.deadline = now + RATE_WINDOW
      return true
    }
    if (now < this.deadline) return false
    this.deadline = Number.POSITIVE_INFINITY
    return true
  }
}
