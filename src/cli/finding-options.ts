/** The flags of all commands that meet peers: how they are found, and who is not met. */

import type { Command } from 'commander'
import type { SessionOptions } from '../client/session-options.ts'
import type { CommandContext } from './command-context.ts'
import { loadIpFilter } from './load-ip-filter.ts'
import { listOption, readText } from './option-parsers.ts'

export interface FindingFlags {
  readonly ipFilter?: readonly string[]
  /** False for `--no-lsd` and `--no-pex`. */
  readonly lsd: boolean
  readonly pex: boolean
}

export function addFindingOptions(command: Command): Command {
  return command
    .addOption(
      listOption(
        '--ip-filter <FILE>',
        'meet nobody at the addresses in this list (ipfilter.dat, P2P text or CIDR, also gzipped); several times for more',
        readText,
      ),
    )
    .option('--no-lsd', 'do not look for peers in the local network, and do not tell it of torrents')
    .option('--no-pex', 'do not exchange addresses of peers with peers')
}

/** What the flags mean to a session. Rejects as `loadIpFilter` does. */
export async function findingOptionsOf(
  { lsd, pex, ipFilter }: FindingFlags,
  context: CommandContext,
): Promise<Pick<SessionOptions, 'lsd' | 'pex' | 'ipFilter'>> {
  return { lsd, pex, ...(ipFilter && { ipFilter: await loadIpFilter(ipFilter, context) }) }
}
