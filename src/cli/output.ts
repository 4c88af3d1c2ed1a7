/**
 * All that the command line prints. What is meant for people goes to stderr; with `--json`, stdout has one object a
 * line and nothing else, and people are told of warnings and errors only.
 */

import { styleText } from 'node:util'
import { LiveView } from './live-view.ts'
import type { Environment, TextStream } from './environment.ts'

export type Style = Parameters<typeof styleText>[0]

/** A line of `--json`: docs/CLI.md has them all. */
export interface JsonEvent {
  readonly type: string
  readonly [name: string]: unknown
}

export class Output {
  readonly isJson: boolean
  /** Whether there is a terminal to draw a progress view on. */
  readonly isLive: boolean
  readonly #stdout: TextStream
  readonly #stderr: TextStream
  readonly #hasColor: boolean
  readonly #view: LiveView
  readonly #closed = new AbortController()
  readonly #onStdoutError = (): void => this.#closed.abort()
  readonly #onStderrError = (): void => {}

  constructor(options: { environment: Environment; isJson: boolean }) {
    const { stdout, stderr, variables } = options.environment
    this.isJson = options.isJson
    this.#stdout = stdout
    this.#stderr = stderr
    const isTerminal = stderr.isTTY === true && variables['TERM'] !== 'dumb'
    this.isLive = isTerminal && !this.isJson
    this.#hasColor = wantsColor(isTerminal, variables)
    this.#view = new LiveView(stderr)
    stdout.on('error', this.#onStdoutError)
    stderr.on('error', this.#onStderrError)
  }

  /** Aborted when nobody reads stdout any more (`shoal get … --json | head`). */
  get readerGone(): AbortSignal {
    return this.#closed.signal
  }

  /** Cells in a line. */
  get columns(): number {
    return this.#view.columns
  }

  /** A line of `--json`; nothing without it. Control characters are written as escapes: stdout may be a terminal. */
  event(event: JsonEvent): void {
    if (!this.isJson || this.#closed.signal.aborted) return
    const line = JSON.stringify(event, jsonValue).replace(
      /[\u007f-\u009f\u2028\u2029]/g,
      character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    this.#stdout.write(`${line}\n`)
  }

  /** Text for people, of one line or several; nothing with `--json`. */
  say(text: string): void {
    if (!this.isJson) this.#print(text)
  }

  /** Text that people should see even where a program reads the rest. */
  insist(text: string): void {
    this.#print(text)
  }

  warn(text: string): void {
    this.#print(`${this.style('yellow', 'warning:')} ${text}`)
  }

  style(style: Style, text: string): string {
    return this.#hasColor && text !== '' ? styleText(style, text, { validateStream: false }) : text
  }

  /** Redraws the lines at the bottom of a terminal; without one, nothing. */
  draw(lines: readonly string[]): void {
    if (this.isLive) this.#view.draw(lines)
  }

  /** Takes the drawn lines away. */
  clearView(): void {
    if (this.isLive) this.#view.clear()
  }

  /** Leaves the drawn lines as they are for good. */
  settleView(): void {
    this.#view.settle()
  }

  /** Done when everything that was printed is out of our hands. */
  async flush(): Promise<void> {
    await Promise.all([written(this.#stdout), written(this.#stderr)])
    this.#stdout.off('error', this.#onStdoutError)
    this.#stderr.off('error', this.#onStderrError)
  }

  #print(text: string): void {
    if (this.isLive) this.#view.printAbove(text)
    else this.#stderr.write(`${text}\n`)
  }
}

function wantsColor(isTerminal: boolean, variables: Readonly<Record<string, string | undefined>>): boolean {
  if (variables['NO_COLOR']) return false
  if (variables['FORCE_COLOR'] !== undefined) return variables['FORCE_COLOR'] !== '0'
  return isTerminal
}

function jsonValue(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}

/** An empty write is called back after all writes before it, or with the error that ended them. */
function written(stream: TextStream): Promise<void> {
  return new Promise(resolve => {
    stream.write('', () => resolve())
  })
}
