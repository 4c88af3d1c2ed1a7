import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { formatAddress, type Address } from '../../../src/core/address.ts'
import { until } from '../../support/until.ts'

const ACTOR = fileURLToPath(new URL('download-actor.ts', import.meta.url))

/** A line of `download-actor.ts`. */
export interface Said {
  readonly type: 'error' | 'recovered' | 'checked' | 'verified' | 'completed' | 'ended'
  readonly code?: string
  readonly isWaiting?: boolean
  readonly piece?: number
  readonly good?: number
  readonly address?: Address
  readonly checkedPieces?: number
  readonly downloaded?: number
  readonly wasted?: number
}

/** A download, or a seed, in a process of its own, to which the system may do what it would not do to this one. */
export class ActedDownload {
  readonly said: Said[] = []
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  #errors = ''

  /** `through`: a program that runs it, with its arguments. */
  constructor(options: {
    torrentFile: string
    folder: string
    stateFolder: string
    peer?: Address | undefined
    through?: readonly string[]
  }) {
    const { torrentFile, folder, stateFolder, peer, through = [] } = options
    const actor = [process.execPath, '--conditions=shoal-source', ACTOR, torrentFile, folder, stateFolder]
    const [command, ...args] = [...through, ...actor, peer ? formatAddress(peer) : '']
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    createInterface(this.#child.stdout).on('line', line => this.said.push(JSON.parse(line) as Said))
  }

  /** Of the program that was spawned. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Nothing of it runs until it goes on. */
  stop(): void {
    this.#child.kill('SIGSTOP')
  }

  goOn(): void {
    this.#child.kill('SIGCONT')
  }

  count(type: Said['type']): number {
    return this.said.filter(said => said.type === type).length
  }

  /** The codes of the faults that it told of, each once. */
  get codes(): string[] {
    return [...new Set(this.said.flatMap(({ code }) => (code === undefined ? [] : [code])))]
  }

  async hears(type: Said['type'], within = 30_000): Promise<void> {
    const seen = this.count(type)
    if (seen > 0) return
    await until(() => this.count(type) > seen || this.#child.exitCode !== null, within)
    if (this.count(type) === seen) throw new Error(`it ended without "${type}": ${this.#errors}`)
  }

  /** Lets it end in good order; what it said last. */
  async end(): Promise<Said> {
    this.#child.stdin.end()
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close')
    const last = this.said.at(-1)
    if (last?.type !== 'ended') throw new Error(`it did not end in good order: ${this.#errors}`)
    return last
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL')
  }
}
