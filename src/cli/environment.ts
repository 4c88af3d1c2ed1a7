/** What a command is given of the world, so that a test can give it another one. */

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
  /** Ends the process at once: the second Ctrl-C. */
  quit(exitCode: number): void
  openSession(options: SessionOptions): Promise<CliSession>
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
    quit: exitCode => process.exit(exitCode),
    async openSession(options) {
      // Only here: `show --help` need not load the engine.
      const { openSession } = await import('../client/node.ts')
      return openSession(options)
    },
  }
}
