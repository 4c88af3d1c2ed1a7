/** How wide a stretch of time counts as "now": long enough to be calm, short enough to follow. */
const WINDOW = 5000
const SLICE = 500
const SLICES = WINDOW / SLICE
/** A rate is never taken over less than this, so that one early block is not a torrent of them. */
const SHORTEST = 1000

/** Bytes a second over a sliding window of about five seconds. */
export class Rate {
  readonly #slices = new Float64Array(SLICES)
  /** The slice that is being filled, counted from the clock's zero; -1 before the first bytes. */
  #slice = -1
  #sum = 0
  #total = 0
  /** When the bytes began that the window sees. */
  #since = 0

  /** All bytes ever added. */
  get total(): number {
    return this.#total
  }

  add(bytes: number, now: number): void {
    this.#advance(now)
    if (this.#sum === 0) this.#since = now
    this.#slices[this.#slice % SLICES]! += bytes
    this.#sum += bytes
    this.#total += bytes
  }

  /** Bytes per second, as of `now`. */
  perSecond(now: number): number {
    this.#advance(now)
    if (this.#sum === 0) return 0
    const oldest = Math.max(this.#since, (this.#slice - SLICES + 1) * SLICE)
    return (this.#sum * 1000) / Math.max(SHORTEST, now - oldest)
  }

  #advance(now: number): void {
    const slice = Math.floor(now / SLICE)
    if (slice <= this.#slice) return
    if (this.#slice < 0 || slice - this.#slice >= SLICES) {
      this.#slices.fill(0)
      this.#sum = 0
    } else {
      for (let i = this.#slice + 1; i <= slice; i++) {
        this.#sum -= this.#slices[i % SLICES]!
        this.#slices[i % SLICES] = 0
      }
    }
    this.#slice = slice
  }
}
