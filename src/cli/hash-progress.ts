/** How far hashing or checking has come, for people who wait. */

import { printable } from '../core/printable.ts'
import { formatDuration, formatLength, formatRate, formatShare } from '../core/quantities.ts'
import type { Output } from './output.ts'
import { truncateEnd } from './text-layout.ts'

const VIEW_INTERVAL = 100
const LINE_INTERVAL = 10_000
const JSON_INTERVAL = 1000

export class HashProgress {
  readonly #output: Output
  readonly #title: string
  readonly #start = performance.now()
  #next: number

  constructor(output: Output, title: string) {
    this.#output = output
    this.#title = printable(title)
    // What is over within a moment needs no progress.
    this.#next = this.#start + this.#interval
  }

  /** Bytes hashed of bytes to hash. */
  readonly update = (done: number, total: number): void => {
    const now = performance.now()
    if (now < this.#next) return
    this.#next = now + this.#interval
    const rate = (done / (now - this.#start)) * 1000
    this.#output.event({ type: 'progress', state: 'hashing', hashedLength: done, totalLength: total })
    const left = rate > 0 ? `, ${formatDuration((total - done) / rate)} left` : ''
    const line = `${this.#title}: ${formatShare(done, total)} of ${formatLength(total)}, ${formatRate(rate)}${left}`
    if (this.#output.isLive) this.#output.draw([truncateEnd(line, this.#output.columns)])
    else this.#output.say(line)
  }

  close(): void {
    this.#output.clearView()
  }

  get #interval(): number {
    if (this.#output.isJson) return JSON_INTERVAL
    return this.#output.isLive ? VIEW_INTERVAL : LINE_INTERVAL
  }
}
