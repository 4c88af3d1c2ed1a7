/** Tells again and again how things stand: drawn in place on a terminal, now and then as lines or JSON elsewhere. */

import type { JsonEvent, Output } from './output.ts'

const VIEW_INTERVAL = 250
const JSON_INTERVAL = 1000
const LINE_INTERVAL = 10_000

/** How one thing stands: a line for people, an object for programs. */
export interface Standing {
  /** Tells it from others; bounded by what the command looks after. */
  readonly key: string
  readonly line: string
  readonly event: JsonEvent
}

export interface TickerOptions {
  readonly output: Output
  /** For a terminal. */
  readonly view: (columns: number) => readonly string[]
  readonly standings: () => readonly Standing[]
}

export class Ticker {
  readonly #o: TickerOptions
  /** What was told last of each thing: what has not changed is not told again. */
  readonly #told = new Map<string, string>()
  readonly #timer: NodeJS.Timeout

  constructor(options: TickerOptions) {
    this.#o = options
    const { isJson, isLive } = options.output
    const interval = isJson ? JSON_INTERVAL : isLive ? VIEW_INTERVAL : LINE_INTERVAL
    this.#timer = setInterval(() => this.tell(), interval)
  }

  /** How it stands now, without waiting for the next time. */
  tell(): void {
    const { output, view, standings } = this.#o
    if (output.isLive) return output.draw(view(output.columns))
    for (const { key, line, event } of standings()) {
      const told = output.isJson ? JSON.stringify(event) : line
      if (this.#told.get(key) === told) continue
      this.#told.set(key, told)
      output.event(event)
      output.say(line)
    }
  }

  /** The last view stays where it is. */
  stop(): void {
    clearInterval(this.#timer)
    this.#o.output.settleView()
  }
}
