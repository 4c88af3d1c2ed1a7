import type { Alert, AlertOf, AlertType } from './alerts.ts'
import { CLIENT_LIMITS } from './limits.ts'

type Listener = (alert: Alert) => void

/** The one stream of alerts, heard by callbacks or read as an async iterable. */
export class AlertStream {
  /** Bounded by what the program itself registers. */
  readonly #listeners = new Set<Listener>()
  readonly #readers = new Set<AlertReader>()
  #isClosed = false

  emit(alert: Alert): void {
    for (const listener of this.#listeners) {
      try {
        listener(alert)
      } catch (error) {
        // A listener's fault is its owner's: it must not reach a torrent, nor be lost.
        queueMicrotask(() => {
          throw error
        })
      }
    }
    for (const reader of this.#readers) reader.push(alert)
  }

  on<T extends AlertType>(type: T, listener: (alert: AlertOf<T>) => void): () => void {
    const filtered: Listener = alert => {
      if (alert.type === type) listener(alert as AlertOf<T>)
    }
    this.#listeners.add(filtered)
    return () => void this.#listeners.delete(filtered)
  }

  /**
   * Alerts from now on. A reader that falls behind by more than `alertBacklog` loses the oldest. Ends when the session
   * is closed or the signal aborts.
   */
  read(options: { signal?: AbortSignal } = {}): AsyncIterableIterator<Alert> {
    const { signal } = options
    const end = (): void => reader.end()
    const reader = new AlertReader(() => {
      this.#readers.delete(reader)
      signal?.removeEventListener('abort', end)
    })
    if (this.#isClosed || signal?.aborted) reader.end()
    else {
      this.#readers.add(reader)
      signal?.addEventListener('abort', end, { once: true })
    }
    return reader
  }

  close(): void {
    this.#isClosed = true
    for (const reader of this.#readers) reader.end()
  }
}

class AlertReader implements AsyncIterableIterator<Alert> {
  /** Bounded by `alertBacklog`. */
  readonly #backlog: Alert[] = []
  /** Calls of `next` that wait for an alert. Bounded by what the program itself calls. */
  readonly #waiting: ((result: IteratorResult<Alert>) => void)[] = []
  #hasEnded = false
  readonly #onEnd: () => void

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  push(alert: Alert): void {
    const resolve = this.#waiting.shift()
    if (resolve) {
      resolve({ value: alert, done: false })
      return
    }
    if (this.#backlog.length >= CLIENT_LIMITS.alertBacklog) this.#backlog.shift()
    this.#backlog.push(alert)
  }

  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#onEnd()
    for (const resolve of this.#waiting.splice(0)) resolve({ value: undefined, done: true })
  }

  next(): Promise<IteratorResult<Alert>> {
    const alert = this.#backlog.shift()
    if (alert) return Promise.resolve({ value: alert, done: false })
    if (this.#hasEnded) return Promise.resolve({ value: undefined, done: true })
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /** Nobody reads on: what was kept goes too. */
  return(): Promise<IteratorResult<Alert>> {
    this.#backlog.length = 0
    this.end()
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
