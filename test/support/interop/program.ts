/** A program of a swarm while it runs: its output line by line, conditions to wait for, and an end in good order. */

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** How long the slowest step of a test may take on a busy machine. */
const STEP_BOUND = 60_000
const STOP_BOUND = 10_000
const LAST_WORDS_BOUND = 1_000
const LOOK_INTERVAL = 20
/** TCP_LISTEN in the kernel's list of sockets. */
const LISTENING = '0A'
const TOLD_LINES = 60
/** What says nothing new. */
const DROPPED = /^\{"type":"progress"|"piece-verified"|^\[#/

export interface ProgramOptions {
  /** What it is called where a test fails. */
  readonly name: string
  readonly command: readonly [program: string, ...args: string[]]
  readonly folder: string
  readonly variables?: Readonly<Record<string, string>>
}

export class Program {
  readonly name: string
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #ended: Promise<void>
  /** bounded by how much a program says in the time of one test. */
  readonly #lines: { readonly text: string; readonly at: number }[] = []
  readonly #waiting = new Set<() => void>()
  #hasEnded = false

  constructor({ name, command, folder, variables }: ProgramOptions) {
    this.name = name
    const [program, ...args] = command
    this.#child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface(stream).on('line', line => this.#hear(line))
    }
    const closed = once(this.#child, 'close')
    this.#ended = once(this.#child, 'exit').then(async () => {
      // Its last words may still be on their way; a child of its own may hold the pipes open for ever.
      await Promise.race([closed, delay(LAST_WORDS_BOUND, undefined, { ref: false })])
      this.#child.stdout.destroy()
      this.#child.stderr.destroy()
      this.#hasEnded = true
      this.#wake()
    })
  }

  /** The first answer of `look` to a line, of those that were printed and those that will be. */
  async find<T>(what: string, look: (line: string) => T | null, bound = STEP_BOUND): Promise<T> {
    const end = performance.now() + bound
    for (let at = 0; ; ) {
      for (; at < this.#lines.length; at++) {
        const found = look(this.#lines[at]!.text)
        if (found !== null) return found
      }
      if (this.#hasEnded) throw new Error(`${this.name} ended (${this.#fate()}) before ${what}`)
      if (!(await this.#news(end))) throw new Error(`${this.name}: no ${what} within ${bound} ms`)
    }
  }

  /** Waits until it takes connections, as the system sees it: for programs that say nothing. */
  async listens(host: string, port: number, bound = STEP_BOUND): Promise<void> {
    const end = performance.now() + bound
    while (!isListening(this.#child.pid, host, port)) {
      if (this.#hasEnded) throw new Error(`${this.name} ended (${this.#fate()}) before it listened`)
      if (performance.now() > end) throw new Error(`${this.name} listens to nothing within ${bound} ms`)
      await delay(LOOK_INTERVAL)
    }
  }

  /** The first JSON object with these fields, or the one that makes them `times`. */
  event(
    fields: Readonly<Record<string, unknown>>,
    { times = 1, bound = STEP_BOUND } = {},
  ): Promise<Record<string, unknown>> {
    let missing = times
    const look = (line: string) => {
      const event = eventOf(line)
      if (!event || !Object.entries(fields).every(([name, value]) => event[name] === value)) return null
      return --missing === 0 ? event : null
    }
    return this.find(JSON.stringify(fields), look, bound)
  }

  /** Waits for its end, which must be a good one. */
  async succeeded(bound = STEP_BOUND): Promise<void> {
    const end = performance.now() + bound
    while (!this.#hasEnded) {
      if (!(await this.#news(end))) throw new Error(`${this.name} has not ended within ${bound} ms`)
    }
    if (this.#child.exitCode !== 0) throw new Error(`${this.name} ended with ${this.#fate()}`)
  }

  /** Asks it to end, and insists where it does not. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return
    this.#child.kill('SIGTERM')
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), STOP_BOUND)
    await this.#ended
    clearTimeout(insist)
  }

  /** The last that it said, with the seconds since this process began. */
  get lastWords(): string {
    const told = this.#lines.filter(({ text }) => text !== '' && !DROPPED.test(text)).slice(-TOLD_LINES)
    const lines = told.map(({ text, at }) => `${(at / 1000).toFixed(1).padStart(5)} ${text}`)
    return [`--- ${this.name} (${this.#fate()})`, ...lines].join('\n')
  }

  #hear(line: string): void {
    this.#lines.push({ text: line, at: performance.now() })
    this.#wake()
  }

  /** False where nothing was heard until `end`. */
  #news(end: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const wake = () => resolve(true)
    const timer = setTimeout(() => resolve(false), Math.max(0, end - performance.now()))
    this.#waiting.add(wake)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(wake)
    })
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }

  #fate(): string {
    if (!this.#hasEnded) return 'running'
    return this.#child.signalCode ?? `exit code ${this.#child.exitCode}`
  }
}

/** By the kernel's list, which is that of the namespace which the process is in. */
function isListening(pid: number | undefined, host: string, port: number): boolean {
  const address = Buffer.from(host.split('.').reverse().map(Number)).toString('hex').toUpperCase()
  const place = `${address}:${port.toString(16).toUpperCase().padStart(4, '0')}`
  try {
    const sockets = readFileSync(`/proc/${pid}/net/tcp`, 'latin1').split('\n')
    return sockets.some(line => line.includes(` ${place} 00000000:0000 ${LISTENING} `))
  } catch {
    return false
  }
}

function eventOf(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return null
  }
}
