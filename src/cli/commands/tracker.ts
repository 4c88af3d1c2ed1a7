/** `shoal tracker`: a tracker of its own. */

import type { Command } from 'commander'
import { formatAddress } from '../../core/address.ts'
import { startTracker, type TrackerStats } from '../../tracker-server/index.ts'
import type { CommandContext, RunCommand } from '../command-context.ts'
import { EXIT_DONE, type ExitCode } from '../exit-code.ts'
import { readHost, readPort, valueOption } from '../option-parsers.ts'
import { untilAborted } from '../session-run.ts'
import { truncateEnd } from '../text-layout.ts'
import { Ticker } from '../ticker.ts'

interface TrackerFlags {
  readonly bind?: string
  readonly httpPort?: number
}

export function addTrackerCommand(program: Command, run: RunCommand): void {
  program
    .command('tracker')
    .summary('run a tracker')
    .description('Runs a tracker over HTTP, for whatever torrents are announced to it, until Ctrl-C.')
    .addOption(valueOption('--bind <ADDR>', 'listen on this IP address (default: on all of them)', readHost))
    .addOption(
      valueOption('--http-port <N>', 'listen on this port (default: 6969; 0: any free one)', readPort),
    )
    .option('--json', 'print JSON')
    .action((flags: TrackerFlags) => run(context => tracker(context, flags)))
}

async function tracker({ output, signal }: CommandContext, flags: TrackerFlags): Promise<ExitCode> {
  await using running = await startTracker({
    ...(flags.bind !== undefined && { bind: [flags.bind] }),
    ...(flags.httpPort !== undefined && { httpPort: flags.httpPort }),
  })
  const listening = running.addresses.map(formatAddress)
  output.event({ type: 'ready', listening, announce: running.announceUrl })
  output.say(`The tracker listens at ${listening.join(', ')}.`)
  output.say(`Announce URL for torrents: ${output.style('bold', running.announceUrl)}`)
  const ticker = new Ticker({
    output,
    view: columns => [truncateEnd(statsLine(running.stats()), columns)],
    standings: () => {
      const stats = running.stats()
      return [{ key: 'tracker', line: statsLine(stats), event: { type: 'progress', ...stats } }]
    },
  })
  try {
    await untilAborted(signal)
  } finally {
    ticker.stop()
  }
  return EXIT_DONE
}

function statsLine(stats: TrackerStats): string {
  return [
    `${stats.swarms} ${stats.swarms === 1 ? 'swarm' : 'swarms'}`,
    `${stats.seeds} seeds`,
    `${stats.leeches} leeches`,
    `${stats.announces} announces`,
    `${stats.failures} refused`,
  ].join(', ')
}
