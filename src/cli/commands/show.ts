/** `shoal show TORRENT|MAGNET|URL`: what a torrent says of itself, and what is odd about it. */

import { type Command, Option } from 'commander'
import { formatHex } from '../../core/bytes.ts'
import { BitTorrentError, ProtocolError } from '../../core/errors.ts'
import { torrentIdOf } from '../../core/ids.ts'
import { printable } from '../../core/printable.ts'
import { formatLength } from '../../core/quantities.ts'
import type { FileEntry } from '../../metainfo/file-entry.ts'
import { formatMagnet, type Magnet } from '../../metainfo/magnet.ts'
import { formatSelection } from '../../metainfo/select-only.ts'
import { encodeTorrentFile, partsOfTorrentFile, type TorrentFile } from '../../metainfo/torrent-file.ts'
import type { Warning } from '../../metainfo/warning.ts'
import { type CommandContext, pathOf, type RunCommand } from '../command-context.ts'
import { EXIT_DONE, type ExitCode } from '../exit-code.ts'
import { type LoadedSource, loadSource } from '../load-source.ts'
import { findingOptionsOf } from '../finding-options.ts'
import { addNetworkOptions, type NetworkFlags, sessionOptionsOf } from '../network-options.ts'
import { readDuration, valueOption } from '../option-parsers.ts'
import type { Output } from '../output.ts'
import { resolvePeers } from '../resolve-peers.ts'
import { alignPairs, padStart } from '../text-layout.ts'
import { hashFields, hashPairs, magnetOf, torrentFields } from '../torrent-facts.ts'
import { checkTorrentPlace, writeTorrentFile } from '../write-torrent-file.ts'

interface ShowFlags extends NetworkFlags {
  readonly offline?: boolean
  readonly timeout?: number
  readonly output?: string
  readonly force?: boolean
}

const USUAL_PATIENCE_SECONDS = 60

type Pair = readonly [name: string, value: string | readonly string[]]

export function addShowCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('show')
    .argument('<TORRENT>', 'a torrent file, a magnet link or the URL of a torrent file')
    .summary('print what a torrent is about')
    .description(
      'Prints name, hashes, files, sizes and trackers of a torrent, and what is odd about it. Of a magnet link, peers are ' +
        'asked what it is about; nothing else is downloaded.',
    )
    .option('--offline', 'of a magnet link, print only what stands in it')
    .addOption(
      valueOption(
        '--timeout <TIME>',
        `ask peers no longer than this (default: ${USUAL_PATIENCE_SECONDS}s)`,
        readDuration,
      ),
    )
    .option('-o, --output <FILE>', 'write the torrent file there')
    .addOption(new Option('--force', 'replace whatever file is there'))
  addNetworkOptions(command)
    .option('--json', 'print JSON')
    .action((source: string, flags: ShowFlags) => run(context => show(context, source, flags)))
}

async function show(context: CommandContext, source: string, flags: ShowFlags): Promise<ExitCode> {
  const place = flags.output === undefined ? null : pathOf(context, flags.output)
  const loaded = await loadSource(source, context, { from: flags.bind })
  if (place !== null) await checkTorrentPlace(place, flags.force ?? false)
  const torrent = loaded.kind === 'torrent' ? loaded.torrent : await learn(context, loaded, flags)
  if (torrent === null) {
    if (loaded.kind === 'magnet') showMagnet(loaded.magnet, context.output)
    return EXIT_DONE
  }
  if (place !== null)
    await writeTorrentFile(place, encodeTorrentFile(partsOfTorrentFile(torrent)), flags.force ?? false)
  showTorrent(torrent, context.output)
  return EXIT_DONE
}

/** Null where peers are not to be asked, or nobody is known to ask. */
async function learn(
  context: CommandContext,
  { text, magnet }: Extract<LoadedSource, { kind: 'magnet' }>,
  flags: ShowFlags,
): Promise<TorrentFile | null> {
  if (flags.offline) return null
  const { environment, output, signal } = context
  const peers = await resolvePeers(flags.peer ?? [], signal)
  if (!flags.dht && !flags.lsd && magnet.trackers.length + magnet.peers.length + peers.length === 0) {
    output.warn('the magnet link names no tracker and no peer to ask what it is about')
    return null
  }
  const session = await environment.openSession({
    ...sessionOptionsOf(flags),
    ...(await findingOptionsOf(flags, context)),
    stateFolder: null,
  })
  const seconds = flags.timeout ?? USUAL_PATIENCE_SECONDS
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)])
    return await session.fetchMetadata(text, { peers, announceTo: flags.announceTo, signal: limit })
  } catch (error) {
    if (signal.aborted || error instanceof BitTorrentError) throw error
    throw new ProtocolError(
      'metadata-not-found',
      `no peer told within ${seconds} s what the magnet link is about; --offline shows what stands in it, --timeout waits longer`,
    )
  } finally {
    await session.close()
  }
}

function showTorrent(torrent: TorrentFile, output: Output): void {
  const { info } = torrent
  const files = info.files.filter(file => !file.isPad)
  const magnet = formatMagnet(magnetOf(torrent))
  output.event({
    type: 'done',
    ...torrentFields(torrent),
    isPrivate: info.isPrivate,
    source: info.source,
    comment: torrent.comment,
    createdBy: torrent.createdBy,
    creationDate: torrent.creationDate,
    isSingleFile: info.isSingleFile,
    files: files.map(fileFields),
    trackers: torrent.trackers,
    webSeeds: torrent.webSeeds,
    nodes: torrent.nodes,
    magnet,
    warnings: torrent.warnings,
  })
  const { geometry } = info
  const parts = [
    info.version === 'hybrid' ? 'hybrid torrent (v1 and v2)' : `${info.version} torrent`,
    `${formatLength(geometry.contentLength)} in ${count(files.length, 'file')}`,
    `${count(geometry.pieceCount, 'piece')} of ${formatLength(geometry.pieceLength)}`,
  ]
  output.say(`${output.style('bold', printable(info.name))}\n${parts.join(', ')}\n`)
  const pairs: Pair[] = [
    ...hashPairs(info.hashes),
    ...(info.isPrivate ? [['private', 'peers come from its trackers alone'] as const] : []),
    ...optional('source', info.source),
    ...optional('comment', torrent.comment),
    ...optional('created', creation(torrent)),
    ['trackers', trackerLines(torrent.trackers)],
    ['web seeds', torrent.webSeeds.map(printable)],
    ['magnet', magnet],
  ]
  output.say(alignPairs(pairs).join('\n'))
  output.say(`\n${output.style('bold', 'Files')}\n${fileLines(files).join('\n')}`)
  tellOddities(torrent.warnings, output)
}

function showMagnet(magnet: Magnet, output: Output): void {
  const peers = magnet.peers.map(({ host, port }) =>
    host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
  )
  output.event({
    type: 'done',
    name: magnet.name,
    ...hashFields(magnet.hashes),
    trackers: magnet.trackers.map(tracker => [tracker]),
    webSeeds: magnet.webSeeds,
    peers,
    selectOnly: magnet.selectOnly,
    magnet: formatMagnet(magnet),
    warnings: magnet.warnings,
  })
  const name = magnet.name ?? torrentIdOf(magnet.hashes)
  output.say(
    `${output.style('bold', printable(name))}\nmagnet link; its files are known once peers have sent the metadata\n`,
  )
  output.say(
    alignPairs([
      ...hashPairs(magnet.hashes),
      ['trackers', magnet.trackers.map(printable)],
      ['web seeds', magnet.webSeeds.map(printable)],
      ['peers', peers.map(printable)],
      ['only files', magnet.selectOnly ? [`${formatSelection(magnet.selectOnly)} (counted from 0)`] : []],
    ]).join('\n'),
  )
  tellOddities(magnet.warnings, output)
}

function tellOddities(warnings: readonly Warning[], output: Output): void {
  if (warnings.length === 0) return
  output.say(`\n${output.style(['bold', 'yellow'], 'Odd about it')}`)
  for (const { message, count: times } of warnings) {
    output.say(`  ${printable(message)}${times > 1 ? ` (and ${times - 1} more like it)` : ''}`)
  }
}

function fileFields(file: FileEntry): Record<string, unknown> {
  return {
    path: file.displayPath,
    length: file.length,
    ...(file.isExecutable && { isExecutable: true }),
    ...(file.isHidden && { isHidden: true }),
    ...(file.symlink && { symlink: file.symlink.join('/') }),
    ...(file.piecesRoot && { piecesRoot: formatHex(file.piecesRoot) }),
  }
}

function fileLines(files: readonly FileEntry[]): string[] {
  const lengths = files.map(file => formatLength(file.length))
  const width = Math.max(...lengths.map(length => length.length))
  return files.map((file, index) => {
    const link = file.symlink ? ` -> ${printable(file.symlink.join('/'))}` : ''
    return `  ${padStart(lengths[index]!, width)}  ${printable(file.displayPath)}${link}`
  })
}

/** A tier in a line, in the order in which they are asked. */
function trackerLines(tiers: readonly (readonly string[])[]): string[] {
  return tiers.map(tier => tier.map(printable).join('  or  '))
}

function creation({ creationDate, createdBy }: TorrentFile): string | null {
  const time = creationDate === null ? Number.NaN : creationDate * 1000
  const day = Number.isNaN(new Date(time).getTime())
    ? []
    : [new Date(time).toISOString().slice(0, 16).replace('T', ' ')]
  const by = createdBy ? [`by ${createdBy}`] : []
  return [...day, ...by].join(' ') || null
}

function optional(name: string, value: string | null): Pair[] {
  return value ? [[name, printable(value)]] : []
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
