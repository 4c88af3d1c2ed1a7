import { ProtocolError } from '../core/errors.ts'

/** Gives a slot back. A second call does nothing. */
export type Release = () => void

/** Lets only so many do something at once; the rest wait in line, and the line has an end too. */
export class Slots {
  readonly #limit: number
  readonly #waitingLimit: number
  readonly #what: string
  #taken = 0
  /** In order of arrival. bounded by `waitingLimit` */
  readonly #waiting = new Set<() => void>()

  /** `what` names in the error what there is too much of. */
  constructor(options: { limit: number; waitingLimit: number; what: string }) {
    this.#limit = options.limit
    this.#waitingLimit = options.waitingLimit
    this.#what = options.what
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Rejects with the signal's reason, or with `ProtocolError` `too-busy` where the line is full. */
  acquire(signal: AbortSignal): Promise<Release> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      if (this.#taken < this.#limit) return resolve(this.#take())
      if (this.#waiting.size >= this.#waitingLimit) {
        return reject(
          new ProtocolError('too-busy', `too many ${this.#what} are waiting already; try again later`),
        )
      }
      const admit = () => {
        signal.removeEventListener('abort', leave)
        resolve(this.#take())
      }
      const leave = () => {
        this.#waiting.delete(admit)
        reject(signal.reason as Error)
      }
      this.#waiting.add(admit)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  #take(): Release {
    this.#taken++
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#taken--
      this.#admitNext()
    }
  }

  #admitNext(): void {
    for (const admit of this.#waiting) {
      this.#waiting.delete(admit)
      admit()
      return
    }
  }
}
