/** `shoal create PATH`: makes a torrent file. */

import { type Command, Option } from 'commander'
import { printable } from '../../core/printable.ts'
import { formatLength } from '../../core/quantities.ts'
import { formatMagnet } from '../../metainfo/magnet.ts'
import { type CommandContext, pathOf, type RunCommand } from '../command-context.ts'
import { addCreationOptions, type CreationFlags } from '../creation-options.ts'
import { EXIT_DONE, type ExitCode } from '../exit-code.ts'
import { publish } from '../publish.ts'
import { alignPairs } from '../text-layout.ts'
import { hashPairs, magnetOf, torrentFields } from '../torrent-facts.ts'
import { checkTorrentPlace, writeTorrentFile } from '../write-torrent-file.ts'

interface CreateFlags extends CreationFlags {
  readonly output?: string
  readonly force?: boolean
}

export function addCreateCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('create')
    .argument('<PATH>', 'the file or folder to publish')
    .summary('make a torrent file')
    .description('Makes a torrent file of a file or folder.')
    .option('-o, --output <FILE>', 'where to write it (default: NAME.torrent in this folder)')
  addCreationOptions(command)
    .addOption(new Option('--force', 'replace whatever file is there'))
    .option('--json', 'print JSON')
    .action((path: string, flags: CreateFlags) => run(context => create(context, path, flags)))
}

async function create(context: CommandContext, path: string, flags: CreateFlags): Promise<ExitCode> {
  const { output } = context
  if (flags.output !== undefined) await checkTorrentPlace(pathOf(context, flags.output), flags.force ?? false)
  const { bytes, torrent } = await publish(pathOf(context, path), flags, context)
  const file = pathOf(context, flags.output ?? `${torrent.info.name}.torrent`)
  await writeTorrentFile(file, bytes, flags.force ?? false)
  const magnet = formatMagnet(magnetOf(torrent))
  const { geometry, files } = torrent.info
  const fileCount = files.filter(entry => !entry.isPad).length
  output.say(`${output.style('green', 'Created')} ${output.style('bold', printable(file))}`)
  output.say(
    alignPairs([
      [
        '  content',
        `${formatLength(geometry.contentLength)} in ${fileCount} ${fileCount === 1 ? 'file' : 'files'}`,
      ],
      ['  pieces', `${geometry.pieceCount} of ${formatLength(geometry.pieceLength)}`],
      ...hashPairs(torrent.info.hashes, '  '),
      ['  magnet', magnet],
    ]).join('\n'),
  )
  output.event({ type: 'done', file, ...torrentFields(torrent), magnet })
  return EXIT_DONE
}
