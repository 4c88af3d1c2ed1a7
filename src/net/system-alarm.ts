import type { Alarm, Clock } from '../core/ports.ts'

/** Timers of more than this many milliseconds would ring at once. */
const LONGEST = 0x7fffffff

/**
 * The one timer of a session, on the system's event loop. Setting it later than it stands is free: it wakes up early
 * and looks again, because deadlines are pushed back far more often than they are met.
 */
export class SystemAlarm implements Alarm {
  readonly #clock: Clock
  #ring: () => void = () => {}
  #at = Number.POSITIVE_INFINITY
  /** When the timer that is running goes off; Infinity where none is. */
  #timerAt = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  onRing(ring: () => void): void {
    this.#ring = ring
  }

  set(at: number): void {
    this.#at = at
    if (at < this.#timerAt) this.#arm()
  }

  close(): void {
    this.#ring = () => {}
    this.#at = Number.POSITIVE_INFINITY
    this.#disarm()
  }

  #arm(): void {
    this.#disarm()
    if (this.#at === Number.POSITIVE_INFINITY) return
    const delay = Math.min(LONGEST, Math.max(0, Math.ceil(this.#at - this.#clock.monotonic())))
    this.#timerAt = this.#at
    this.#timer = setTimeout(() => this.#wake(), delay)
  }

  #disarm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  #wake(): void {
    this.#disarm()
    if (this.#clock.monotonic() < this.#at) this.#arm()
    else {
      this.#at = Number.POSITIVE_INFINITY
      this.#ring()
    }
  }
}
