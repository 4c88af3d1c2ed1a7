/** The command line in this process, with streams that remember and a session that does what the test says. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../../src/cli/main.ts'
import type { CliSession } from '../../../src/cli/cli-session.ts'
import type { Environment, TextStream } from '../../../src/cli/environment.ts'
import type { SessionOptions } from '../../../src/client/session-options.ts'

export interface CliRun {
  readonly exitCode: Promise<number>
  /** What was printed so far. */
  readonly stdout: string
  readonly stderr: string
  /** The objects of `--json`. Throws where stdout has anything else. */
  readonly events: readonly Record<string, unknown>[]
  /** Ctrl-C. */
  interrupt(): void
  /** Asks `up` to look into its folder again. */
  rescan(): void
  /** Whether the process would have ended at once. */
  readonly hasQuit: boolean
}

export interface CliOptions {
  readonly workingFolder?: string
  readonly variables?: Record<string, string>
  /** Columns of the terminal; left out, stderr is a pipe. */
  readonly columns?: number
  readonly openSession?: (options: SessionOptions) => Promise<CliSession>
}

let own: string | null = null

/** For runs that do not care where they are: one folder for all of them, gone with the process. */
function ownFolder(): string {
  if (own !== null) return own
  const made = mkdtempSync(join(tmpdir(), 'shoal-cli-'))
  process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  own = made
  return made
}

class Recorder implements TextStream {
  text = ''
  readonly isTTY: boolean
  readonly columns: number

  constructor(columns: number | undefined) {
    this.isTTY = columns !== undefined
    this.columns = columns ?? 0
  }

  write(text: string, written?: () => void): boolean {
    this.text += text
    if (written) setImmediate(written)
    return true
  }

  on(): void {}

  off(): void {}
}

export function runCli(argv: readonly string[], options: CliOptions = {}): CliRun {
  const { workingFolder = ownFolder() } = options
  const stdout = new Recorder(undefined)
  const stderr = new Recorder(options.columns)
  const listeners = new Set<() => void>()
  const rescans = new Set<() => void>()
  let hasQuit = false
  const environment: Environment = {
    stdout,
    stderr,
    variables: { HOME: workingFolder, ...options.variables },
    workingFolder,
    onInterrupt(stop) {
      listeners.add(stop)
      return () => listeners.delete(stop)
    },
    onRescan(look) {
      rescans.add(look)
      return () => rescans.delete(look)
    },
    rescanCommand: 'kill -USR2 1',
    programName: 'shoal',
    quit: () => {
      hasQuit = true
    },
    openSession: options.openSession ?? (() => Promise.reject(new Error('this test has no session'))),
  }
  return {
    exitCode: main(argv, environment),
    get stdout() {
      return stdout.text
    },
    get stderr() {
      return stderr.text
    },
    get events() {
      const lines = stdout.text.split('\n').filter(line => line !== '')
      return lines.map(line => JSON.parse(line) as Record<string, unknown>)
    },
    interrupt() {
      for (const stop of listeners) stop()
    },
    rescan() {
      for (const look of rescans) look()
    },
    get hasQuit() {
      return hasQuit
    },
  }
}
