/** The flags that `create` and `seed PATH` share: what the new torrent is like. */

import { Option, type Command } from 'commander'
import {
  listOption,
  readPieceLength,
  readText,
  readTrackerUrl,
  readUrl,
  valueOption,
} from './option-parsers.ts'

export interface CreationFlags {
  readonly tracker?: readonly string[]
  readonly webSeed?: readonly string[]
  readonly pieceLength?: number
  readonly format: 'hybrid' | 'v1' | 'v2'
  readonly private?: boolean
  readonly source?: string
  readonly comment?: string
}

export function addCreationOptions(command: Command): Command {
  return command
    .addOption(
      listOption('--tracker <URL>', 'announce to this tracker; several times for more', readTrackerUrl),
    )
    .addOption(
      listOption('--web-seed <URL>', 'the content is at this URL as well; several times for more', readUrl),
    )
    .addOption(
      valueOption('--piece-length <N>', 'a power of two from 16K (default: by the size)', readPieceLength),
    )
    .addOption(
      new Option('--format <FORMAT>', 'for old and new programs, or for one kind alone')
        .choices(['hybrid', 'v1', 'v2'])
        .default('hybrid'),
    )
    .addOption(new Option('--private', 'peers only from the trackers named here (BEP 27)'))
    .addOption(
      valueOption(
        '--source <S>',
        'a mark that makes this torrent another one than its like elsewhere',
        readText,
      ),
    )
    .addOption(valueOption('--comment <C>', 'a remark for people', readText))
}
