/** `shoal follow LINK`: gets what a publisher's key stands for, and whatever takes its place (BEP 46). */

import { type Command, Option } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { parsePublisherMagnet } from '../../metainfo/publisher-magnet.ts'
import { type CommandContext, pathOf, type RunCommand } from '../command-context.ts'
import { EXIT_DONE, type ExitCode } from '../exit-code.ts'
import { findingOptionsOf } from '../finding-options.ts'
import { FollowedState } from '../followed-state.ts'
import { Follower } from '../follower.ts'
import { addNetworkOptions, type NetworkFlags, sessionOptionsOf } from '../network-options.ts'
import { readDuration, valueOption } from '../option-parsers.ts'
import { resolvePeers } from '../resolve-peers.ts'
import { untilAborted, withSession } from '../session-run.ts'
import { singleStateFolders } from '../state-place.ts'
import { prepareTargetFolder } from '../target-folder.ts'

interface FollowFlags extends NetworkFlags {
  readonly dir: string
  readonly every?: number
  readonly once?: boolean
}

const USUAL_INTERVAL_SECONDS = 900

export function addFollowCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('follow')
    .argument('<LINK>', 'a magnet link with xs=urn:btpk:, as `publish` prints it')
    .summary('get what a publisher has, and keep it up to date')
    .description(
      'Asks the DHT what a publisher’s key stands for, gets it, serves it, and gets whatever takes its place. Files that did ' +
        'not change are not fetched again; files of earlier editions are not removed.',
    )
    .addOption(new Option('--dir <DIR>', 'put the files into this folder').default('.', 'this folder'))
    .addOption(
      valueOption(
        '--every <TIME>',
        `how often to look for a newer edition (default: ${USUAL_INTERVAL_SECONDS / 60}m)`,
        readDuration,
      ),
    )
    .option('--once', 'end when an edition is there')
  addNetworkOptions(command)
    .option('--json', 'print JSON')
    .action((link: string, flags: FollowFlags) => run(context => follow(context, link, flags)))
}

async function follow(context: CommandContext, text: string, flags: FollowFlags): Promise<ExitCode> {
  const link = parsePublisherMagnet(text)
  if (!flags.dht)
    throw new UsageError('dht-needed', 'what is published is told in the DHT: leave out --no-dht')
  const folder = pathOf(context, flags.dir)
  const { variables } = context.environment
  await prepareTargetFolder(folder)
  const peers = await resolvePeers([...link.peers, ...(flags.peer ?? [])], context.signal)
  const options = {
    ...sessionOptionsOf(flags),
    ...(await findingOptionsOf(flags, context)),
    stateFolder: singleStateFolders(folder, variables),
  }
  await withSession(context, options, async ({ session, report }) => {
    const follower = new Follower({
      context,
      session,
      report,
      state: new FollowedState(link, folder, variables),
      link,
      add: { folder, peers, announceTo: flags.announceTo },
      interval: (flags.every ?? USUAL_INTERVAL_SECONDS) * 1000,
    })
    const ending = new AbortController()
    const signal = AbortSignal.any([context.signal, ending.signal])
    try {
      await Promise.race([
        follower.run(signal),
        untilAborted(context.signal),
        ...(flags.once ? [follower.done] : []),
      ])
    } finally {
      ending.abort()
    }
  })
  return EXIT_DONE
}
