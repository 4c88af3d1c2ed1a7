/** `shoal verify TORRENT --dir DIR`: which pieces and files on disk are good. */

import { type Command, Option } from 'commander'
import { printable } from '../../core/printable.ts'
import { formatLength } from '../../core/quantities.ts'
import { type FileVerdict, type Verification, verifyFiles } from '../../storage/verify-files.ts'
import { type CommandContext, pathOf, type RunCommand } from '../command-context.ts'
import { EXIT_DONE, EXIT_FAILED, type ExitCode } from '../exit-code.ts'
import { HashProgress } from '../hash-progress.ts'
import { loadTorrentFile } from '../load-source.ts'
import type { Output } from '../output.ts'
import { requireFolder } from '../require-folder.ts'
import { alignPairs } from '../text-layout.ts'
import { torrentFields } from '../torrent-facts.ts'

interface VerifyFlags {
  readonly dir: string
}

export function addVerifyCommand(program: Command, run: RunCommand): void {
  program
    .command('verify')
    .argument('<TORRENT>', 'a torrent file or its URL')
    .summary('check files on disk against a torrent')
    .description('Tells which pieces and files on disk are good. Ends with 1 where some are not.')
    .addOption(new Option('--dir <DIR>', 'the folder that the content is in').makeOptionMandatory())
    .option('--json', 'print JSON')
    .action((source: string, flags: VerifyFlags) => run(context => verify(context, source, flags)))
}

async function verify(context: CommandContext, source: string, flags: VerifyFlags): Promise<ExitCode> {
  const { output, signal } = context
  const { torrent } = await loadTorrentFile(source, context)
  const folder = pathOf(context, flags.dir)
  await requireFolder(folder)
  const progress = new HashProgress(output, `Checking ${torrent.info.name}`)
  try {
    const verification = await verifyFiles(torrent, folder, { signal, onProgress: progress.update })
    progress.close()
    const { goodPieces, files, isGood } = verification
    output.event({
      type: 'done',
      ...torrentFields(torrent),
      isGood,
      goodPieces: goodPieces.count,
      badPieces: badPiecesOf(verification),
      files,
    })
    tellVerification(verification, output)
    return isGood ? EXIT_DONE : EXIT_FAILED
  } finally {
    progress.close()
  }
}

function badPiecesOf({ goodPieces }: Verification): number[] {
  const bad: number[] = []
  for (let piece = 0; piece < goodPieces.length; piece++) if (!goodPieces.has(piece)) bad.push(piece)
  return bad
}

function tellVerification({ goodPieces, files, isGood }: Verification, output: Output): void {
  const badFiles = files.filter(file => file.verdict !== 'good')
  if (!isGood)
    output.say(
      alignPairs(badFiles.map(file => [output.style('red', printable(file.path)), reasonOf(file)])).join(
        '\n',
      ),
    )
  const summary = `${goodPieces.count} of ${goodPieces.length} pieces, ${files.length - badFiles.length} of ${files.length} files`
  output.say(
    `${isGood ? output.style('green', 'All is good:') : output.style('red', 'Not all is good:')} ${summary}`,
  )
}

function reasonOf({ verdict, length, foundLength, goodPieces, pieces }: FileVerdict): string {
  const share = pieces > 0 ? `, ${goodPieces} of ${pieces} pieces good` : ''
  const lengths = `has ${formatLength(foundLength ?? 0)} (${foundLength} bytes) of ${formatLength(length)} (${length} bytes)`
  switch (verdict) {
    case 'missing':
      return 'is missing'
    case 'too-short':
      return `is too short: ${lengths}${share}`
    case 'too-long':
      return `is too long: ${lengths}${share}`
    case 'bad':
      return `is damaged${share}`
    case 'good':
      return 'is good'
  }
}
