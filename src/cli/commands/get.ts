/** `shoal get TORRENT|MAGNET|URL`: downloads. */

import { join } from 'node:path'
import { type Command, Option } from 'commander'
import type { Allocation } from '../../client/allocate.ts'
import { UsageError } from '../../core/errors.ts'
import { printable } from '../../core/printable.ts'
import { formatDuration, formatLength, formatRate } from '../../core/quantities.ts'
import type { Magnet } from '../../metainfo/magnet.ts'
import type { TorrentFile } from '../../metainfo/torrent-file.ts'
import type { CliTorrent } from '../cli-session.ts'
import { type CommandContext, pathOf, type RunCommand } from '../command-context.ts'
import { EXIT_DONE, type ExitCode } from '../exit-code.ts'
import { selectionOf } from '../glob-selection.ts'
import { addGoalOptions, type GoalFlags, goalsOf } from '../goal-options.ts'
import { type LoadedSource, loadSource } from '../load-source.ts'
import { findingOptionsOf } from '../finding-options.ts'
import { addNetworkOptions, type NetworkFlags, sessionOptionsOf } from '../network-options.ts'
import { listOption, readText } from '../option-parsers.ts'
import { resolvePeers } from '../resolve-peers.ts'
import { withSession } from '../session-run.ts'
import { hashFields } from '../torrent-facts.ts'
import { prepareTargetFolder } from '../target-folder.ts'
import { singleStateFolders } from '../state-place.ts'

interface GetFlags extends NetworkFlags, GoalFlags {
  readonly dir: string
  readonly select?: readonly string[]
  readonly sequential?: boolean
  readonly allocate: Allocation
  readonly seed?: boolean
  readonly state?: string
}

export function addGetCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('get')
    .argument('<TORRENT>', 'a torrent file, a magnet link or the URL of a torrent file')
    .summary('download a torrent')
    .description('Downloads a torrent; done when every selected file is verified on disk.')
    .addOption(new Option('--dir <DIR>', 'put the files into this folder').default('.', 'this folder'))
    .addOption(listOption('--select <GLOB>', 'only these files or folders; several times for more', readText))
    .option('--sequential', 'in order from the first piece to the last')
    .addOption(
      new Option('--allocate <HOW>', 'take room on the disk as it is needed, or all of it first')
        .choices(['sparse', 'full'])
        .default('sparse'),
    )
    .option('--seed', 'stay and serve others when everything is there')
    .option('--state <DIR>', 'remember in this folder what is on disk (default: in ~/.local/state/shoal)')
  addGoalOptions(command)
  addNetworkOptions(command)
    .option('--json', 'print JSON')
    .action((source: string, flags: GetFlags) => run(context => get(context, source, flags)))
}

async function get(context: CommandContext, sourceText: string, flags: GetFlags): Promise<ExitCode> {
  const source = await loadSource(sourceText, context, { from: flags.bind })
  const folder = pathOf(context, flags.dir)
  const globs = flags.select ?? []
  const select = selectionOf(globs)
  if (source.kind === 'torrent') checkSelection(source.torrent, select, globs)
  await prepareTargetFolder(folder)
  const peers = await resolvePeers(flags.peer ?? [], context.signal)
  const goals = goalsOf(flags)
  const stays = (flags.seed ?? false) || goals !== null
  const options = {
    ...sessionOptionsOf(flags),
    ...(await findingOptionsOf(flags, context)),
    stateFolder: flags.state
      ? pathOf(context, flags.state)
      : singleStateFolders(folder, context.environment.variables),
  }
  await withSession(context, options, async ({ session, report }) => {
    const torrent = await session.add(sessionSource(source), {
      folder,
      peers,
      announceTo: flags.announceTo,
      ...(globs.length > 0 && { select }),
      isSequential: flags.sequential ?? false,
      allocation: flags.allocate,
      // An earlier run may have stopped when it had given enough.
      isPaused: false,
      goals: goals ?? {},
    })
    report.ready(torrent, source.kind === 'magnet' ? { magnet: source.text } : {})
    if (source.kind === 'magnet' && !flags.dht)
      warnOfLoneMagnet(context, source.magnet, { peers: peers.length, lsd: flags.lsd })
    const start = performance.now()
    if (source.kind === 'magnet') await checkMagnetSelection(torrent, select, globs, context.signal)
    await torrent.completed({ signal: context.signal })
    report.tellLast()
    tellDone(context, torrent, {
      folder,
      seconds: (performance.now() - start) / 1000,
      ending: goals ? '; seeding until enough was given' : stays ? '; seeding until Ctrl-C' : '',
    })
    if (stays) await report.untilEnough()
  })
  return EXIT_DONE
}

/** Without the DHT and without a word from us this would look like waiting for a slow tracker. */
function warnOfLoneMagnet(
  { output }: CommandContext,
  magnet: Magnet,
  { peers, lsd }: { peers: number; lsd: boolean },
): void {
  if (magnet.trackers.length + magnet.peers.length + peers > 0) return
  const nobody = lsd ? 'nobody but the local network' : 'nobody'
  const unusable = magnet.warnings.find(({ code }) => code === 'tracker-invalid')
  const [what, other] = unusable
    ? [
        `${printable(unusable.message)}, and this magnet link names no other tracker`,
        'put a right &tr=URL into it',
      ]
    : ['this magnet link names no tracker', 'add &tr=URL of a tracker to the link']
  output.warn(
    `${what} and no peer, so ${nobody} can be asked for the torrent; ` +
      `give a peer with --peer HOST:PORT, ${other}, or leave out --no-dht. Waiting for peers that come by themselves`,
  )
}

function tellDone(
  { output }: CommandContext,
  torrent: CliTorrent,
  { folder, seconds, ending }: { folder: string; seconds: number; ending: string },
): void {
  const status = torrent.status()
  const path = join(folder, status.name)
  output.settleView()
  output.event({
    type: 'done',
    torrent: torrent.id,
    name: status.name,
    path,
    ...hashFields(torrent.infoHashes),
    length: status.wantedLength,
    downloaded: status.downloaded,
    uploaded: status.uploaded,
    wasted: status.wasted,
    seconds: Math.round(seconds * 1000) / 1000,
  })
  const rate = seconds > 0 && status.downloaded > 0 ? `, ${formatRate(status.downloaded / seconds)}` : ''
  output.say(
    `${output.style('green', 'Done:')} ${printable(path)} (${formatLength(status.wantedLength)} in ${formatDuration(seconds)}${rate})${ending}`,
  )
}

function sessionSource(source: LoadedSource) {
  return source.kind === 'torrent' ? { torrentFile: source.bytes } : { magnet: source.text }
}

async function checkMagnetSelection(
  torrent: CliTorrent,
  select: (path: string) => boolean,
  globs: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (globs.length > 0) checkSelection(await torrent.metadata({ signal }), select, globs)
}

function checkSelection(
  torrent: TorrentFile,
  select: (path: string) => boolean,
  globs: readonly string[],
): void {
  if (globs.length === 0) return
  const files = torrent.info.files.filter(file => !file.isPad)
  if (files.some(file => select(file.displayPath))) return
  throw new UsageError(
    'select-nothing',
    `--select ${globs.join(', ')} fits none of the ${files.length} files; \`shoal show\` lists them`,
  )
}
