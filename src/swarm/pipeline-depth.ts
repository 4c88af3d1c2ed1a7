/** Blocks asked for before anything is known. */
const START = 8
/** The fast start goes no further by itself: beyond, the rate has to show that there is a line to fill. */
const FASTEST_START = 512
/** Never fewer: two on the line, two at the peer. */
const LEAST = 4
/** What the queue holds beyond the line's own delay: rides out a busy peer and our own pauses. */
const QUEUE_TIME = 1000
/**
 * Blocks of that queue, at most: 6 MiB keep any peer busy for the milliseconds that matter at such rates, and more
 * would only spread the download over memory that was not touched before.
 */
const LONGEST_QUEUE = 384
/** A sample of the rate takes this long and so many blocks, or `LONGEST_SAMPLE`. */
const SAMPLE = 250
const SAMPLE_BLOCKS = 4
const LONGEST_SAMPLE = 2000
/** The rate is the best of so many samples, as a pause of either side is not the line. */
const SAMPLES = 8
/** The fast start is over when the rate has not grown by a tenth in so many samples. */
const GROWTH = 1.1
const FLAT_SAMPLES = 2

/**
 * How many blocks are to be under way to keep a peer busy: bandwidth times delay, and a second's worth on top. It
 * starts like TCP: each block that comes makes room for one more, which doubles the depth every round trip until the
 * rate stops growing.
 */
export class PipelineDepth {
  #isStarting = true
  #started = START
  /** Blocks per millisecond; the latest sample replaces the oldest. */
  readonly #rates = new Float64Array(SAMPLES)
  #samples = 0
  #sampleStart: number
  #sampleBlocks = 0
  #bestRate = 0
  #flat = 0
  /** The least there was: others have our own queue in them, and a depth that grows with that would grow for ever. */
  #delay = Number.POSITIVE_INFINITY

  constructor(now: number) {
    this.#sampleStart = now
  }

  /** A block came, so long after it was asked for. */
  arrived(delay: number, now: number): void {
    if (this.#isStarting) this.#started++
    this.#delay = Math.min(this.#delay, delay)
    this.#sampleBlocks++
    const elapsed = now - this.#sampleStart
    if (elapsed >= LONGEST_SAMPLE || (elapsed >= SAMPLE && this.#sampleBlocks >= SAMPLE_BLOCKS)) {
      this.#closeSample(elapsed, now)
    }
  }

  /** Asking begins again after a pause, which says nothing about the line. */
  resumed(now: number): void {
    this.#sampleStart = now
    this.#sampleBlocks = 0
  }

  get blocks(): number {
    if (this.#isStarting) return Math.min(this.#started, FASTEST_START)
    const rate = Math.max(...this.#rates)
    return Math.max(LEAST, Math.ceil(rate * this.#delay + Math.min(rate * QUEUE_TIME, LONGEST_QUEUE)))
  }

  #closeSample(elapsed: number, now: number): void {
    const rate = this.#sampleBlocks / elapsed
    this.#rates[this.#samples++ % SAMPLES] = rate
    this.#sampleStart = now
    this.#sampleBlocks = 0
    this.#flat = rate > this.#bestRate * GROWTH ? 0 : this.#flat + 1
    this.#bestRate = Math.max(this.#bestRate, rate)
    if (this.#flat >= FLAT_SAMPLES) this.#isStarting = false
  }
}
