/** All commands in one place. */

import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { RunCommand } from './command-context.ts'

type AddCommand = (program: Command, run: RunCommand) => void

/** In the order of the help. Loaded when asked for: all of them take several times as long as one. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  create: async () => (await import('./commands/create.ts')).addCreateCommand,
  show: async () => (await import('./commands/show.ts')).addShowCommand,
  verify: async () => (await import('./commands/verify.ts')).addVerifyCommand,
  get: async () => (await import('./commands/get.ts')).addGetCommand,
  seed: async () => (await import('./commands/seed.ts')).addSeedCommand,
  scrape: async () => (await import('./commands/scrape.ts')).addScrapeCommand,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctorCommand,
  publish: async () => (await import('./commands/publish.ts')).addPublishCommand,
  follow: async () => (await import('./commands/follow.ts')).addFollowCommand,
  tracker: async () => (await import('./commands/tracker.ts')).addTrackerCommand,
  up: async () => (await import('./commands/up.ts')).addUpCommand,
}

const EXAMPLES = `
Examples:
  shoal create holiday/ --tracker http://tracker.example/announce
  shoal get holiday.torrent --dir ~/Downloads
  shoal up --dir ./shared

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
With --json, stdout has one JSON object a line; what is meant for people is on stderr.`

/** `argv`: where it begins with a command, the program knows that one alone; to tell its version, none; else all. */
export async function buildProgram(argv: readonly string[], run: RunCommand): Promise<Command> {
  const program = new Command('shoal')
    .description('Publish, track and download files with BitTorrent.')
    .version(versionOf(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [COMMAND]', 'print the help of a command')
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES)
  for (const add of await Promise.all(commandsFor(argv[0] ?? '').map(load => load()))) add(program, run)
  return program
}

function commandsFor(first: string): (() => Promise<AddCommand>)[] {
  if (first === '--version' || first === '-V') return []
  const command = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined
  return command ? [command] : Object.values(COMMANDS)
}

function versionOf(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
