/** What a command is given of the world, so that a test can give it another one. */

import { relative } from 'node:path'
import type { SessionOptions } from '../client/session-options.ts'
import type { CliSession } from './cli-session.ts'

/** The part of a stream to a terminal, a pipe or a file that the command line uses. */
export interface TextStream {
  write(text: string, written?: (error?: Error | null) => void): boolean
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
  on(event: 'resize', listener: () => void): unknown
  off(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
  off(event: 'resize', listener: () => void): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface Environment {
  readonly stdout: TextStream
  readonly stderr: TextStream
  /** `NO_COLOR`, `HOME`, … */
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly workingFolder: string
  /** Calls `stop` at each Ctrl-C, SIGTERM or SIGHUP until what it returns is called. */
  onInterrupt(stop: () => void): () => void
  /** Calls `look` when the person asks `up` to look into its folder again, until what it returns is called. */
  onRescan(look: () => void): () => void
  /** The command that asks so; null where the system has none. */
  readonly rescanCommand: string | null
  /** How this program is started: `shoal`, or `node bin/shoal.js`. */
  readonly programName: string
  /** Ends the process at once, as Ctrl-C ends one that does not heed it: the second Ctrl-C. */
  quit(): void
  openSession(options: SessionOptions): Promise<CliSession>
}

/** Windows has no such signal. Not SIGUSR1, which wakes Node's debugger. */
const RESCAN_SIGNAL = process.platform === 'win32' ? null : 'SIGUSR2'

/** From a checkout the launcher is a path that ends in `.js`; installed, it is a command on the PATH. */
function programNameOf(script: string, workingFolder: string): string {
  if (!script.endsWith('.js')) return 'shoal'
  const path = relative(workingFolder, script)
  return `node ${path.startsWith('..') ? script : path}`
}

/** The process that we are. */
export function systemEnvironment(): Environment {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    variables: process.env,
    workingFolder: process.cwd(),
    onInterrupt(stop) {
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
      for (const signal of signals) process.on(signal, stop)
      return () => {
        for (const signal of signals) process.off(signal, stop)
      }
    },
    onRescan(look) {
      if (RESCAN_SIGNAL === null) return () => {}
      process.on(RESCAN_SIGNAL, look)
      return () => process.off(RESCAN_SIGNAL, look)
    },
    rescanCommand: RESCAN_SIGNAL && `kill -USR2 ${process.pid}`,
    programName: programNameOf(process.argv[1] ?? '', process.cwd()),
    // Not `process.exit`, which waits for every thread, and so for a disk that hangs.
    quit() {
      process.removeAllListeners('SIGINT')
      process.kill(process.pid, 'SIGINT')
    },
    async openSession(options) {
      // Only here: `show --help` need not load the engine.
      const { openSession } = await import('../client/node.ts')
      return openSession(options)
    },
  }
}
