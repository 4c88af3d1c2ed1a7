import type { Timed, Turns } from './turns.ts'

/** A signal that aborts after a while, by the clock of the session. To be closed when nobody waits any more. */
export class TimeLimit implements Timed {
  readonly #turns: Turns
  readonly #abort = new AbortController()
  #at: number

  constructor(turns: Turns, duration: number) {
    this.#turns = turns
    this.#at = turns.now() + duration
    turns.enter(this, () => turns.heed(this))
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  close(): void {
    this.#turns.forget(this)
  }

  tick(now: number): void {
    if (now < this.#at) return
    this.#at = Number.POSITIVE_INFINITY
    this.#abort.abort(new DOMException('it took too long', 'TimeoutError'))
  }

  deadline(): number {
    return this.#at
  }

  fail(error: unknown): void {
    this.#abort.abort(error)
  }
}
