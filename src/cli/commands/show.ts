/** `shoal show TORRENT|MAGNET|URL`: what a torrent says of itself, and what is odd about it. */

import type { Command } from 'commander'
import { formatHex } from '../../core/bytes.ts'
import { torrentIdOf } from '../../core/ids.ts'
import { printable } from '../../core/printable.ts'
import { formatLength } from '../../core/quantities.ts'
import type { FileEntry } from '../../metainfo/file-entry.ts'
import { formatMagnet, type Magnet } from '../../metainfo/magnet.ts'
import { formatSelection } from '../../metainfo/select-only.ts'
import type { TorrentFile } from '../../metainfo/torrent-file.ts'
import type { Warning } from '../../metainfo/warning.ts'
import type { CommandContext, RunCommand } from '../command-context.ts'
import { EXIT_DONE, type ExitCode } from '../exit-code.ts'
import { loadSource } from '../load-source.ts'
import type { Output } from '../output.ts'
import { alignPairs, padStart } from '../text-layout.ts'
import { hashFields, hashPairs, magnetOf, torrentFields } from '../torrent-facts.ts'

type Pair = readonly [name: string, value: string | readonly string[]]

export function addShowCommand(program: Command, run: RunCommand): void {
  program
    .command('show')
    .argument('<TORRENT>', 'a torrent file, a magnet link or the URL of a torrent file')
    .summary('print what a torrent is about')
    .description('Prints name, hashes, files, sizes and trackers of a torrent, and what is odd about it.')
    .option('--json', 'print JSON')
    .action((source: string) => run(context => show(context, source)))
}

async function show(context: CommandContext, source: string): Promise<ExitCode> {
  const loaded = await loadSource(source, context)
  if (loaded.kind === 'torrent') showTorrent(loaded.torrent, context.output)
  else showMagnet(loaded.magnet, context.output)
  return EXIT_DONE
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
