/** Grants are whole blocks, or all that was wanted. */
export const GRANT_UNIT = 16_384
/** What an idle channel saves up. */
const BURST_TIME = 250
/** What one saves up that is waited for, so that timers that are late, on a machine that is busy, lose nothing. */
const LATE_TIME = 2000
/** A channel is worth looking at again after so long, or when it has what is wanted. */
const WAKE_TIME = 10
/**
 * What is returned is had again, up to so much time's worth: it may have been taken before there was a limit. Of less, a
 * limit stays unused where many peers are asked for much and choke us.
 */
const RETURN_TIME = 1000

/**
 * Overhead is never refused, so where it alone is more than the limit, debt would grow without end, and payload would
 * never come again, not even after the limit is raised. What is owed beyond so much time is forgiven.
 */
const DEBT_TIME = 10_000

/**
 * A limit that several accounts share: a bucket of bytes that fills at a rate. It may go into debt, by one block or by
 * overhead, and then waits until that is paid, so that in the long run the rate is exact.
 */
export class Channel {
  readonly name: string
  /** How many accounts wait for this channel. Kept by the scheduler. */
  waiters = 0
  /** Called when a limit comes or goes. */
  onToggle: () => void = () => undefined
  #limit = Number.POSITIVE_INFINITY
  #tokens = 0
  #filledAt = Number.NaN
  /** It did not hold yet when the channel was filled last. */
  #isLimitNew = true
  #share = 0
  #shareRound = -1

  constructor(name: string, bytesPerSecond: number) {
    this.name = name
    this.setLimit(bytesPerSecond)
  }

  /** Bytes per second; Infinity for none. */
  get limit(): number {
    return this.#limit
  }

  get isLimited(): boolean {
    return this.#limit !== Number.POSITIVE_INFINITY
  }

  /** From now on. Infinity for none, 0 lets nothing through. The scheduler's deadline may change. */
  setLimit(bytesPerSecond: number): void {
    const wasLimited = this.isLimited
    this.#limit = Math.max(0, bytesPerSecond)
    this.#isLimitNew = true
    const burst = this.#burst()
    this.#tokens = wasLimited
      ? Math.min(Math.max(this.#tokens, -this.#mostDebt()), burst)
      : Math.min(GRANT_UNIT, burst)
    if (!wasLimited) this.#filledAt = Number.NaN
    if (wasLimited !== this.isLimited) this.onToggle()
  }

  /** Bytes that may be granted; negative in debt. */
  available(now: number): number {
    if (!this.isLimited) return Number.POSITIVE_INFINITY
    if (Number.isNaN(this.#filledAt)) this.#filledAt = now
    if (now > this.#filledAt) {
      const filled = this.#tokens + ((now - this.#filledAt) * this.#limit) / 1000
      this.#tokens = Math.max(this.#tokens, Math.min(filled, this.#mostSaved()))
      this.#filledAt = now
      this.#isLimitNew = false
    }
    return this.#tokens
  }

  /** It has saved up all that it may: less is used than the limit grants. Nobody knows that of what has no limit. */
  isFull(now: number): boolean {
    return this.isLimited && this.#limit > 0 && this.available(now) >= this.#burst()
  }

  /** What one of those who wait may have in a round: an equal part, at least a block. */
  share(round: number, now: number): number {
    if (this.#shareRound !== round) {
      this.#shareRound = round
      this.#share = Math.max(GRANT_UNIT, Math.floor(this.available(now) / Math.max(1, this.waiters)))
    }
    return this.#share
  }

  spend(bytes: number): void {
    if (this.isLimited) this.#tokens -= bytes
  }

  /** What was taken and not used, as when a peer chokes us that was asked for much. */
  refund(bytes: number): void {
    if (!this.isLimited) return
    const most = Math.max(this.#burst(), (this.#limit * RETURN_TIME) / 1000)
    this.#tokens = Math.max(this.#tokens, Math.min(this.#tokens + bytes, most))
  }

  /** Overhead: spent in any case. Debt beyond a bound is forgiven. */
  charge(bytes: number, now: number): void {
    const tokens = this.available(now)
    this.spend(Math.min(bytes, Math.max(0, tokens + this.#mostDebt())))
  }

  /** When there will be something to grant to one who wants so much; Infinity for a limit of 0. */
  readyAt(wanted: number): number {
    if (!this.isLimited) return Number.NEGATIVE_INFINITY
    if (Number.isNaN(this.#filledAt)) return Number.NEGATIVE_INFINITY
    const worthwhile = Math.max(1, Math.min(wanted, (this.#limit * WAKE_TIME) / 1000, this.#burst()))
    if (this.#tokens >= worthwhile) return this.#filledAt
    return this.#filledAt + ((worthwhile - this.#tokens) * 1000) / this.#limit
  }

  /** Where nothing is left and somebody waits, it is we who are late. */
  #mostSaved(): number {
    const isMissed = this.waiters > 0 && this.#tokens <= 0 && !this.#isLimitNew
    return isMissed ? Math.max(this.#burst(), (this.#limit * LATE_TIME) / 1000) : this.#burst()
  }

  #mostDebt(): number {
    return Math.max(2 * GRANT_UNIT, (this.#limit * DEBT_TIME) / 1000)
  }

  #burst(): number {
    return this.#limit === 0 ? 0 : Math.max(GRANT_UNIT, (this.#limit * BURST_TIME) / 1000)
  }
}
