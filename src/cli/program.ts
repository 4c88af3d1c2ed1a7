/** All commands in one place. */

import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { RunCommand } from './command-context.ts'
import { addCreateCommand } from './commands/create.ts'
import { addGetCommand } from './commands/get.ts'
import { addSeedCommand } from './commands/seed.ts'
import { addShowCommand } from './commands/show.ts'
import { addTrackerCommand } from './commands/tracker.ts'
import { addUpCommand } from './commands/up.ts'
import { addVerifyCommand } from './commands/verify.ts'

const EXAMPLES = `
Examples:
  shoal create holiday/ --tracker http://tracker.example/announce
  shoal get holiday.torrent --dir ~/Downloads
  shoal up --dir ./shared

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
With --json, stdout has one JSON object a line; what is meant for people is on stderr.`

export function buildProgram(run: RunCommand): Command {
  const program = new Command('shoal')
    .description('Publish, track and download files with BitTorrent.')
    .version(versionOf(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [COMMAND]', 'print the help of a command')
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES)
  addCreateCommand(program, run)
  addShowCommand(program, run)
  addVerifyCommand(program, run)
  addGetCommand(program, run)
  addSeedCommand(program, run)
  addTrackerCommand(program, run)
  addUpCommand(program, run)
  return program
}

function versionOf(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
