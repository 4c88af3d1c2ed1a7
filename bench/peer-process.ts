import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** Linux counts processor time in hundredths of a second, whatever its own tick is. */
const TICKS_PER_SECOND = 100
const STOP_BOUND = 3000
const TOLD_LINES = 20

/** Those that run, so that none outlives us. Bounded by the peers of one transfer. */
const running = new Set<PeerProcess>()
let isInterrupted = false

/** Ends at once whatever still runs, and starts nothing more. */
export function killPeers(): void {
  isInterrupted = true
  for (const peer of running) peer.kill()
}

/** A program under measurement: what it says line by line, what it has cost, and its end. */
export class PeerProcess {
  readonly #name: string
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #closed: Promise<unknown>
  /** Bounded by the little that the programs say in one transfer. */
  readonly #lines: string[] = []
  #heard: () => void = () => {}
  #hasEnded = false

  constructor(name: string, command: readonly string[], folder: string) {
    if (isInterrupted) throw new Error('interrupted')
    this.#name = name
    const [program = '', ...args] = command
    this.#child = spawn(program, args, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
    running.add(this)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface(stream).on('line', line => {
        this.#lines.push(line)
        this.#heard()
      })
    }
    this.#child.stdin.on('error', () => {})
    this.#child.on('error', error => this.#lines.push(error.message))
    this.#closed = once(this.#child, 'close').catch(() => {})
    void this.#closed.then(() => {
      running.delete(this)
      this.#hasEnded = true
      this.#heard()
    })
  }

  /** Waits for a line that `isIt` and returns it; rejects where the program ends or is silent until `bound` (ms) is over. */
  async hears(isIt: (line: string) => boolean, bound: number): Promise<string> {
    const end = performance.now() + bound
    for (let at = 0; ; at++) {
      while (at === this.#lines.length) await this.#news(end)
      if (isIt(this.#lines[at]!)) return this.#lines[at]!
    }
  }

  /** Tells a leech that waits for it to begin, and any other to say what it has sent. */
  go(): void {
    this.#child.stdin.write('go\n')
  }

  /** Processor seconds so far, all threads, user and system. */
  cpuSeconds(): number {
    const stat = this.#proc('stat')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // its name may hold spaces
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }

  /** The most memory it ever had resident, in bytes; with the files that it maps. */
  peakMemory(): number {
    const [, kilobytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(this.#proc('status')) ?? []
    return Number(kilobytes) * 1024
  }

  /** Lets it end, and insists where it does not. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return
    this.#child.stdin.end()
    this.#child.kill('SIGTERM')
    const insist = setTimeout(() => this.kill(), STOP_BOUND)
    await this.#closed
    clearTimeout(insist)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #proc(file: string): string {
    return readFileSync(`/proc/${this.#child.pid}/${file}`, 'latin1')
  }

  async #news(end: number): Promise<void> {
    if (this.#hasEnded) throw this.#complaint('ended too early')
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#heard = resolve
    const timer = setTimeout(resolve, Math.max(0, end - performance.now()))
    await promise
    clearTimeout(timer)
    if (performance.now() >= end) throw this.#complaint('took too long')
  }

  #complaint(what: string): Error {
    return new Error(`${this.#name} ${what}; it said:\n${this.#lines.slice(-TOLD_LINES).join('\n')}`)
  }
}
