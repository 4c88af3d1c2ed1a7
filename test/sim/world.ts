import type { Clock, Dice, Secrets } from '../../src/core/ports.ts'
import { SystemDice } from '../../src/net/system-dice.ts'
import { EventQueue, type SimEvent } from './event-queue.ts'

/**
 * So many turns are given to promises when one was settled, and when time makes a leap: to come to an end. Each turn
 * costs a microsecond under `node --test`, which follows every promise.
 */
const DEEP = 16
const DEEPEST = 100
const LEAP = 1000
/** And so many before it is said that nothing is left to happen. */
const LAST = 1000
/** Without either, promises have their turns after so many events. */
const BATCH = 16
/** 2026-01-01, in ms since 1970. */
const EPOCH = Date.UTC(2026, 0, 1)
/** More events than this without time going on are a loop. */
const STANDSTILL = 2_000_000

/**
 * Time, chance and order of a simulation: one queue of events on a clock of its own. Everything that happens in it is
 * the same for the same seed. Nothing in here waits for real time: between events only promises are given their turns.
 */
export class World {
  readonly seed: number
  readonly dice: Dice
  readonly secrets: Secrets
  readonly clock: Clock
  /** Things that must never happen in any story, such as an error that is a fault of the program. */
  readonly faults: unknown[] = []
  readonly #queue = new EventQueue()
  #now = 0
  #events = 0
  #eventsNow = 0
  /** A promise was settled: its chain wants turns. */
  #isUnsettled = true

  constructor(options: { seed?: number } = {}) {
    this.seed = options.seed ?? 1
    this.dice = new SystemDice(this.seed)
    this.secrets = { bytes: length => this.randomBytes(length) }
    this.clock = { monotonic: () => this.#now, wall: () => EPOCH + this.#now }
  }

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now
  }

  /** How many events happened so far. */
  get events(): number {
    return this.#events
  }

  /** Chance for one part of the world, which does not depend on how often others ask for theirs. */
  newDice(): Dice {
    return new SystemDice(this.dice.below(2 ** 32))
  }

  randomBytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.dice.below(256))
  }

  at(time: number, run: () => void): SimEvent {
    return this.#queue.add(Math.max(time, this.#now), run)
  }

  after(delay: number, run: () => void): SimEvent {
    return this.at(this.#now + delay, run)
  }

  cancel(event: SimEvent | null): void {
    if (event) event.run = null
  }

  /** Does `work` after a while, as a disk or a worker would. */
  later<T>(delay: number, work: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.after(delay, () => {
        this.unsettle()
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  /** Says that a promise is being settled in this event. */
  unsettle(): void {
    this.#isUnsettled = true
  }

  /** Goes on until the condition holds; it is looked at after every event. */
  async until(condition: () => boolean, options: { within?: number; what?: string } = {}): Promise<void> {
    if (await this.#go(this.#now + (options.within ?? 3_600_000), condition)) return
    const why = this.#queue.next === Number.POSITIVE_INFINITY ? 'nothing is left to happen' : 'time is up'
    throw new Error(`${why} at ${this.#now} ms, and still not: ${options.what ?? condition.toString()}`)
  }

  /** Lets so many milliseconds go by. */
  async pass(duration: number): Promise<void> {
    const end = this.#now + duration
    await this.#go(end, () => false)
    this.#now = end
  }

  /** Goes on until the promise is settled, and gives its value. */
  async settled<T>(promise: Promise<T>, options: { within?: number; what?: string } = {}): Promise<T> {
    let isSettled = false
    const settle = (): void => {
      isSettled = true
    }
    promise.then(settle, settle)
    await this.until(() => isSettled, { what: 'a promise is settled', ...options })
    return promise
  }

  /** Events and, in between, promises; until the condition holds (true) or nothing is left before the limit (false). */
  async #go(limit: number, condition: () => boolean): Promise<boolean> {
    this.unsettle()
    for (;;) {
      for (let turns = this.#isLeap(limit) ? DEEPEST : DEEP; turns > 0; turns--) await Promise.resolve()
      this.#isUnsettled = false
      if (condition()) return true
      if (this.#queue.next > limit && !(await this.#isStirring(limit))) return condition()
      for (let count = 0; count < BATCH && !this.#isUnsettled; count++) {
        if (count > 0 && this.#isLeap(limit)) break
        this.#happen()
        if (condition()) return true
      }
    }
  }

  /** Whether promises come to something yet: long chains of them take more turns than a leap gives. */
  async #isStirring(limit: number): Promise<boolean> {
    for (let turns = LAST; turns > 0 && this.#queue.next > limit; turns--) await Promise.resolve()
    return this.#queue.next <= limit
  }

  #isLeap(limit: number): boolean {
    return this.#queue.next > Math.min(limit, this.#now + LEAP)
  }

  #happen(): void {
    const event = this.#queue.take()
    if (!event?.run) return
    this.#eventsNow = event.at > this.#now ? 0 : this.#eventsNow + 1
    if (this.#eventsNow > STANDSTILL) throw new Error(`time stands still at ${this.#now} ms`)
    this.#now = event.at
    this.#events++
    event.run()
    if (this.faults.length > 0) throw this.faults[0]
  }
}
