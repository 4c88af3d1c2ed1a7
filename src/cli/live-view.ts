/** A few lines at the bottom of a terminal that are drawn again in place. */

import type { TextStream } from './environment.ts'
import { textWidth } from './text-layout.ts'

const FALLBACK_COLUMNS = 80

export class LiveView {
  readonly #stream: TextStream
  #lines: readonly string[] = []

  constructor(stream: TextStream) {
    this.#stream = stream
  }

  /** One less than the terminal has: a full last column wraps on some of them. */
  get columns(): number {
    return Math.max(1, (this.#stream.columns || FALLBACK_COLUMNS) - 1)
  }

  /** Puts `lines` where the last ones stood. */
  draw(lines: readonly string[]): void {
    this.#stream.write(`${this.#erasure()}${lines.map(line => `${line}\n`).join('')}`)
    this.#lines = lines
  }

  /** Prints above the view, which moves down. */
  printAbove(text: string): void {
    this.#stream.write(`${this.#erasure()}${text}\n${this.#lines.map(line => `${line}\n`).join('')}`)
  }

  /** Leaves what is drawn where it is and starts a new view below it. */
  settle(): void {
    this.#lines = []
  }

  clear(): void {
    const erasure = this.#erasure()
    if (erasure !== '') this.#stream.write(erasure)
    this.#lines = []
  }

  /** Where the terminal became narrower since, the lines have wrapped and take more rows than they did. */
  #erasure(): string {
    const columns = this.#stream.columns || FALLBACK_COLUMNS
    let rows = 0
    for (const line of this.#lines) rows += Math.max(1, Math.ceil(textWidth(line) / columns))
    return rows === 0 ? '' : `\r\u001b[${rows}A\u001b[0J`
  }
}
