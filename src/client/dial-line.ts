import { CLIENT_LIMITS } from './limits.ts'
import type { Guarded, Turns } from './turns.ts'

/** Who has somebody to dial. */
export interface Dialling extends Guarded {
  /** Dials as many as are wanted and allowed. */
  connectMore(now: number): void
}

/**
 * The dials that are not answered yet, and the torrents that would dial and may not for now, in the order in which they
 * came: each dials once when its turn comes, and stands at the end again where it wants more. No torrent has all places:
 * one whose peers never answer would keep the others from theirs for as long as a dial may take.
 */
export class DialLine<Home extends Dialling> {
  readonly #isFull: () => boolean
  readonly #turns: Turns
  /** How many each has. Bounded by `halfOpen`. */
  readonly #dialing = new Map<Home, number>()
  /** Where there is a place, they all have as many as one may. Bounded by the torrents of the session. */
  readonly #waiting = new Set<Home>()
  #turnOf: Home | null = null
  #isServing = false
  #count = 0

  /** `isFull`: whether the session has as many connections as it may. */
  constructor(options: { isFull: () => boolean; turns: Turns }) {
    this.#isFull = options.isFull
    this.#turns = options.turns
  }

  /** How many dials are not answered. */
  get count(): number {
    return this.#count
  }

  isWaiting(home: Home): boolean {
    return this.#waiting.has(home)
  }

  /** Whether it may dial now; else it stands in line, and `connectMore` is called when its turn has come. */
  mayDial(home: Home): boolean {
    const isItsTurn = !this.#isServing || this.#turnOf === home
    if (isItsTurn && this.#hasPlaceFor(home)) {
      this.#turnOf = null
      return true
    }
    this.#waiting.add(home)
    return false
  }

  began(home: Home): void {
    this.#count++
    this.#dialing.set(home, (this.#dialing.get(home) ?? 0) + 1)
  }

  /** Whatever came of it. `serve` is to follow. */
  ended(home: Home): void {
    this.#count--
    const left = (this.#dialing.get(home) ?? 1) - 1
    if (left > 0) this.#dialing.set(home, left)
    else this.#dialing.delete(home)
  }

  /** A place may have come free. */
  serve(): void {
    if (this.#isServing) return
    this.#isServing = true
    // Who wants another place is added at the end, and comes to its turn in here as well.
    for (const home of this.#waiting) {
      if (!this.#hasPlace) break
      if (!this.#hasPlaceFor(home)) continue
      this.#waiting.delete(home)
      this.#turnOf = home
      this.#turns.enter(home, now => home.connectMore(now))
    }
    this.#turnOf = null
    this.#isServing = false
  }

  get #hasPlace(): boolean {
    return this.#count < CLIENT_LIMITS.halfOpen && !this.#isFull()
  }

  #hasPlaceFor(home: Home): boolean {
    return this.#hasPlace && (this.#dialing.get(home) ?? 0) < CLIENT_LIMITS.halfOpenPerTorrent
  }
}
