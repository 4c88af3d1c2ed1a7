/** `shoal seed PATH|TORRENT`: publishes a file or folder, or serves what a torrent file stands for. */

import { type Command, Option } from 'commander'
import type { AddOptions } from '../../client/session-options.ts'
import type { Address } from '../../core/address.ts'
import { BitTorrentError } from '../../core/errors.ts'
import { printable } from '../../core/printable.ts'
import { formatMagnet } from '../../metainfo/magnet.ts'
import type { TorrentFile } from '../../metainfo/torrent-file.ts'
import type { CliSession } from '../cli-session.ts'
import { type CommandContext, pathOf, type RunCommand } from '../command-context.ts'
import { addCreationOptions, type CreationFlags } from '../creation-options.ts'
import { EXIT_DONE, type ExitCode } from '../exit-code.ts'
import { addGoalOptions, type GoalFlags, goalsOf } from '../goal-options.ts'
import { loadTorrentFile } from '../load-source.ts'
import { findingOptionsOf } from '../finding-options.ts'
import { addNetworkOptions, type NetworkFlags, sessionOptionsOf } from '../network-options.ts'
import { publish } from '../publish.ts'
import { reachableAddresses } from '../reachable-addresses.ts'
import { requireFolder } from '../require-folder.ts'
import { resolvePeers } from '../resolve-peers.ts'
import { withSession } from '../session-run.ts'
import { singleStateFolders } from '../state-place.ts'
import { magnetOf } from '../torrent-facts.ts'
import { checkTorrentPlace, writeTorrentFile } from '../write-torrent-file.ts'

export interface SeedFlags extends NetworkFlags, CreationFlags, GoalFlags {
  readonly dir?: string
  readonly output?: string
  readonly force?: boolean
  readonly torrentFile: boolean
  readonly state?: string
  readonly superSeed?: boolean
}

/** What else a command does while it seeds; ended by the signal. */
export type Beside = (seeding: {
  readonly session: CliSession
  readonly torrent: TorrentFile
  /** Where others find this seed. */
  readonly peers: readonly Address[]
  readonly signal: AbortSignal
}) => Promise<void>

/** What is to be seeded, in either form. */
interface Offer {
  readonly bytes: Uint8Array
  readonly torrent: TorrentFile
  readonly add: AddOptions
  /** Where the torrent file lies for people to hand on; null where nobody wrote one. */
  readonly file: string | null
}

export function addSeedCommand(program: Command, run: RunCommand): void {
  const command = program.command('seed')
  command
    .argument('<PATH>', 'a file or folder to publish as it stands, or a torrent file')
    .summary('publish a file or folder, or serve a torrent')
    .description(
      'Publishes a file or folder: its torrent is made, announced and served. With a torrent file, serves what it ' +
        'stands for from --dir, and fetches what is missing there.',
    )
  addSeedOptions(command).action((path: string, flags: SeedFlags) =>
    run(context => seed(context, path, flags)),
  )
}

export function addSeedOptions(command: Command): Command {
  command.option(
    '--dir <DIR>',
    'with a torrent file: the folder that its content is in (default: this folder)',
  )
  addCreationOptions(command)
    .option('-o, --output <FILE>', 'where to write the torrent file (default: NAME.torrent in this folder)')
    .addOption(new Option('--force', 'replace whatever file is there'))
    .addOption(new Option('--no-torrent-file', 'write no torrent file: the magnet link will do'))
    .option('--state <DIR>', 'remember in this folder what is on disk (default: in ~/.local/state/shoal)')
    .option(
      '--super-seed',
      'as the first seed: tell each peer of one piece at a time, so that hardly any is sent twice',
    )
  addGoalOptions(command)
  return addNetworkOptions(command).option('--json', 'print JSON')
}

export async function seed(
  context: CommandContext,
  path: string,
  flags: SeedFlags,
  beside?: Beside,
): Promise<ExitCode> {
  const peers = await resolvePeers(flags.peer ?? [], context.signal)
  const isTorrent = flags.dir !== undefined || /^https?:\/\/|\.torrent$/i.test(path)
  const offer = isTorrent ? await loadOffer(context, path, flags) : await makeOffer(context, path, flags)
  const options = {
    ...sessionOptionsOf(flags),
    ...(await findingOptionsOf(flags, context)),
    stateFolder: flags.state
      ? pathOf(context, flags.state)
      : singleStateFolders(offer.add.folder, context.environment.variables),
  }
  await withSession(context, options, async ({ session, report }) => {
    const torrent = await session.add(
      { torrentFile: offer.bytes },
      {
        ...offer.add,
        peers,
        announceTo: flags.announceTo,
        // An earlier run may have stopped when it had given enough.
        isPaused: false,
        isSuperSeeding: flags.superSeed ?? false,
        goals: goalsOf(flags) ?? {},
      },
    )
    const magnet = offerMagnet(offer.torrent, session.listening)
    report.ready(torrent, { magnet, torrentFile: offer.file })
    tellOffer(context, offer, magnet)
    const ending = new AbortController()
    const signal = AbortSignal.any([context.signal, ending.signal])
    const at = reachableAddresses(session.listening)
    try {
      await Promise.race([
        report.untilEnough(),
        ...(beside ? [beside({ session, torrent: offer.torrent, peers: at, signal })] : []),
      ])
    } finally {
      ending.abort()
    }
  })
  return EXIT_DONE
}

async function loadOffer(context: CommandContext, source: string, flags: SeedFlags): Promise<Offer> {
  const { bytes, torrent } = await loadTorrentFile(source, context)
  const add = { folder: pathOf(context, flags.dir ?? '.'), trackers: flags.tracker ?? [] }
  await requireFolder(add.folder)
  return { bytes, torrent, add, file: null }
}

async function makeOffer(context: CommandContext, path: string, flags: SeedFlags): Promise<Offer> {
  if (flags.torrentFile && flags.output !== undefined)
    await checkTorrentPlace(pathOf(context, flags.output), flags.force ?? false)
  const { bytes, torrent, folder } = await publish(pathOf(context, path), flags, context)
  const place = pathOf(context, flags.output ?? `${torrent.info.name}.torrent`)
  const isWritten = flags.torrentFile && (await tryToWrite(context, place, bytes, flags))
  return { bytes, torrent, add: { folder, isKnownGood: true }, file: isWritten ? place : null }
}

/** A place that was asked for must do; seeding itself needs no torrent file. */
async function tryToWrite(
  { output }: CommandContext,
  place: string,
  bytes: Uint8Array,
  flags: SeedFlags,
): Promise<boolean> {
  try {
    await writeTorrentFile(place, bytes, flags.force ?? false)
    return true
  } catch (error) {
    if (flags.output !== undefined || !(error instanceof BitTorrentError)) throw error
    output.warn(`${printable(error.message)} (seeding all the same; the magnet link will do)`)
    return false
  }
}

/** Where no tracker leads to us, the link itself says where we are (BEP 9, x.pe). */
function offerMagnet(torrent: TorrentFile, listening: readonly Address[]): string {
  const magnet = magnetOf(torrent)
  const peers = magnet.trackers.length > 0 ? [] : reachableAddresses(listening)
  return formatMagnet({ ...magnet, peers })
}

function tellOffer({ output }: CommandContext, offer: Offer, magnet: string): void {
  if (offer.file !== null) output.say(`torrent file  ${output.style('bold', printable(offer.file))}`)
  output.say(`magnet link   ${magnet}`)
  if (offer.torrent.trackers.length === 0 && (offer.add.trackers ?? []).length === 0) {
    output.say(
      'It has no tracker: others find this seed in the DHT, by the magnet link, or with --peer and one of its addresses.',
    )
  }
}
