/** How an error is told: one clear line for a person, one object for a program. */

import { BitTorrentError, UsageError } from '../core/errors.ts'
import { printable } from '../core/printable.ts'
import { EXIT_FAILED, EXIT_WRONG_USAGE, type ExitCode } from './exit-code.ts'
import type { Environment } from './environment.ts'
import type { Output } from './output.ts'

/** `UsageError`s to a program that embeds shoal; to a person at a terminal, the state of his machine, or a bug. */
const NOT_THE_PERSONS_FAULT = new Set([
  'port-in-use',
  'port-forbidden',
  'address-unavailable',
  'listen-failed',
  'plan-empty',
  'plan-path-invalid',
  'plan-path-conflict',
  'internal-fault',
])

/** Broken formats are failures, a link that was typed or pasted wrongly is an argument that is wrong in itself. */
const WRONG_LINKS = new Set([
  'magnet-invalid',
  'magnet-hash-missing',
  'magnet-hash-invalid',
  'magnet-hashes-differ',
])

/** Prints it and says how the process ends: wrong usage is 2 and everything else 1. */
export function reportError(error: unknown, output: Output, environment: Environment): ExitCode {
  const { code, message } = describeError(error)
  output.clearView()
  output.event({ type: 'error', code, message })
  output.insist(`${output.style(['red', 'bold'], 'error:')} ${printable(message)}`)
  if (environment.variables['SHOAL_DEBUG'] && error instanceof Error) output.insist(stackOf(error))
  const isUsage = error instanceof UsageError && !NOT_THE_PERSONS_FAULT.has(code)
  return isUsage || WRONG_LINKS.has(code) ? EXIT_WRONG_USAGE : EXIT_FAILED
}

/** The code and the text of an error. What is not a `BitTorrentError` is a bug, and says so. */
function describeError(error: unknown): { code: string; message: string } {
  if (error instanceof BitTorrentError) return { code: error.code, message: error.message }
  const said = error instanceof Error ? error.message : String(error)
  return {
    code: 'internal',
    message: `this is a bug in shoal: ${said} (run it again with SHOAL_DEBUG=1 and report what it prints)`,
  }
}

function stackOf(error: Error): string {
  const stack = error.stack ?? String(error)
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack
}
