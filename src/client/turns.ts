import { Deadlines } from '../core/deadlines.ts'
import type { Alarm, Clock } from '../core/ports.ts'

/** Whose error it is when something throws. */
export interface Guarded {
  /** Never throws. */
  fail(error: unknown, now: number): void
}

/** Something that wants to be looked at when its time has come. */
export interface Timed extends Guarded {
  /** Monotonic ms; an early call is harmless. */
  tick(now: number): void
  deadline(): number
}

/** Something that gathers output during a turn and hands it on at its end. */
export interface Flushed extends Guarded {
  flush(now: number): void
}

/** Hears of each outermost turn, what is flushed at its end included. For measuring: it has a clock of its own. */
export interface TurnProbe {
  begin(): void
  end(): void
}

/**
 * The one way from the outside into a session: a socket's bytes, a worker's answer, the alarm, a caller. What throws
 * becomes the error of whoever was entered, and the session lives on. At the end of a turn everyone with output is
 * flushed, once, and the one alarm is set to the next deadline.
 */
export class Turns {
  readonly #clock: Clock
  readonly #alarm: Alarm
  readonly #probe: TurnProbe | null
  readonly #deadlines = new Deadlines<Timed>()
  /** Bounded by the connections of the session. */
  #unflushed = new Set<Flushed>()
  #depth = 0
  #isClosed = false

  constructor(options: { clock: Clock; alarm: Alarm; probe?: TurnProbe | undefined }) {
    this.#probe = options.probe ?? null
    this.#clock = options.clock
    this.#alarm = options.alarm
    this.#alarm.onRing(() => this.#ring())
  }

  now(): number {
    return this.#clock.monotonic()
  }

  /** Runs `work` as a turn, or as part of the one that is running. */
  enter(owner: Guarded, work: (now: number) => void): void {
    const now = this.#begin()
    try {
      work(now)
    } catch (error) {
      owner.fail(error, now)
    } finally {
      this.#end(now)
    }
  }

  /** Has `item.flush` called at the end of the turn. */
  flushLater(item: Flushed): void {
    this.#unflushed.add(item)
  }

  /** Heeds the deadline that `item` has now. Call it again where it may have come nearer. */
  heed(item: Timed): void {
    if (!this.#isClosed) this.#deadlines.set(item, item.deadline())
  }

  forget(item: Timed): void {
    this.#deadlines.delete(item)
  }

  close(): void {
    this.#isClosed = true
    this.#deadlines.clear()
    this.#alarm.close()
  }

  #begin(): number {
    if (this.#depth === 0) this.#probe?.begin()
    this.#depth++
    return this.#clock.monotonic()
  }

  #end(now: number): void {
    this.#depth--
    if (this.#depth > 0) return
    this.#settle(now)
    this.#probe?.end()
  }

  #ring(): void {
    const now = this.#begin()
    for (let item = this.#deadlines.take(now); item !== null; item = this.#deadlines.take(now)) {
      try {
        item.tick(now)
      } catch (error) {
        item.fail(error, now)
      }
      const next = item.deadline()
      // A deadline in the past would hold the loop here: what is still due then is looked at in the next millisecond.
      if (next < Number.POSITIVE_INFINITY && !this.#isClosed)
        this.#deadlines.set(item, Math.max(next, now + 1))
    }
    this.#end(now)
  }

  #settle(now: number): void {
    this.#depth++
    while (this.#unflushed.size > 0) {
      const items = this.#unflushed
      this.#unflushed = new Set()
      for (const item of items) {
        try {
          item.flush(now)
        } catch (error) {
          item.fail(error, now)
        }
      }
    }
    this.#depth--
    if (!this.#isClosed) this.#alarm.set(this.#deadlines.next())
  }
}
