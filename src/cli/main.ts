/** The command line of shoal: `main` is what the launcher calls. */

import { type Command, CommanderError } from 'commander'
import { BitTorrentError, UsageError } from '../core/errors.ts'
import { type Environment, systemEnvironment } from './environment.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_WRONG_USAGE, type ExitCode } from './exit-code.ts'
import { Interruption } from './interruption.ts'
import { Output } from './output.ts'
import { buildProgram } from './program.ts'
import { reportError } from './report-error.ts'

/**
 * Runs one command and gives its exit code, when everything printed is out. `argv` is without node and script.
 * Ends the process itself only at the second Ctrl-C.
 */
export async function main(
  argv: readonly string[],
  environment: Environment = systemEnvironment(),
): Promise<ExitCode> {
  const output = new Output({ environment, isJson: isJsonAsked(argv) })
  const interruption = new Interruption(environment, output)
  try {
    return await runProgram(argv, environment, output, interruption)
  } finally {
    output.settleView()
    await output.flush()
    interruption.close()
  }
}

async function runProgram(
  argv: readonly string[],
  environment: Environment,
  output: Output,
  interruption: Interruption,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_DONE
  const signal = AbortSignal.any([interruption.signal, output.readerGone])
  const program = await buildProgram(argv, async action => {
    exitCode = await action({ environment, output, signal })
  })
  for (const command of [program, ...program.commands]) talkThrough(command, environment, output)
  try {
    await program.parseAsync(argv, { from: 'user' })
    if (interruption.hasHappened) return EXIT_INTERRUPTED
    // Who went away did not get all of it.
    return output.readerGone.aborted ? EXIT_FAILED : exitCode
  } catch (error) {
    if (interruption.hasHappened) {
      // What stopping cut short is no news; what it could not bring to its end is.
      if (error instanceof BitTorrentError && error.code === 'disk-hangs')
        reportError(error, output, environment)
      return EXIT_INTERRUPTED
    }
    if (output.readerGone.aborted) return EXIT_FAILED
    if (!(error instanceof CommanderError)) return reportError(error, output, environment)
    return error.exitCode === 0 ? EXIT_DONE : reportWrongUsage(error, output, environment)
  }
}

/** Help that was asked for goes to stdout, as everywhere; commander's own errors are told by `reportWrongUsage`. */
function talkThrough(command: Command, environment: Environment, output: Output): void {
  command.exitOverride().configureOutput({
    writeOut: text => environment.stdout.write(text),
    writeErr: text => output.insist(text.trimEnd()),
    outputError: () => {},
    getOutHelpWidth: () => environment.stdout.columns ?? 100,
    getErrHelpWidth: () => output.columns,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  })
}

function reportWrongUsage(error: CommanderError, output: Output, environment: Environment): ExitCode {
  // No command at all: commander has printed the help, which says it better.
  if (error.code === 'commander.help') return EXIT_WRONG_USAGE
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\.$/, '')
    .replace(/\n\(Did you mean (.*)\?\)$/, ' (did you mean $1?)')
  return reportError(new UsageError('usage', `${message}; see shoal --help`), output, environment)
}

/** Asked before commander has parsed anything, so that wrong usage is told as JSON, too. */
function isJsonAsked(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json')
}
