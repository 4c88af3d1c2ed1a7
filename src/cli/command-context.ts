/** What every command gets beside its own arguments. */

import { resolve } from 'node:path'
import type { Environment } from './environment.ts'
import type { ExitCode } from './exit-code.ts'
import type { Output } from './output.ts'

export interface CommandContext {
  readonly environment: Environment
  readonly output: Output
  /** Aborted when the person wants to stop. */
  readonly signal: AbortSignal
}

/** Sees to it that a command's action runs within `main`: errors told, Ctrl-C heard, exit code kept. */
export type RunCommand = (action: (context: CommandContext) => Promise<ExitCode>) => Promise<void>

/** A path as the person gave it, made absolute. */
export function pathOf(context: CommandContext, path: string): string {
  return resolve(context.environment.workingFolder, path)
}
