/** The flags of all commands that meet peers: how they are found, and who is not met. */

import type { Command } from 'commander'
import type { SessionOptions } from '../client/session-options.ts'
import type { CommandContext } from './command-context.ts'
import { loadIpFilter } from './load-ip-filter.ts'
import { listOption, type PeerPlace, readPeer, readText } from './option-parsers.ts'

export interface FindingFlags {
  readonly ipFilter?: readonly string[]
  /** False for `--no-dht`, `--no-lsd` and `--no-pex`. */
  readonly dht: boolean
  readonly dhtRouter?: readonly PeerPlace[]
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
    .option('--no-dht', 'say nothing in the distributed hash table')
    .addOption(
      listOption(
        '--dht-router <HOST:PORT>',
        'begin there in the distributed hash table, not where everybody does; several times for more',
        readPeer,
      ),
    )
    .option('--no-lsd', 'do not look for peers in the local network, and do not tell it of torrents')
    .option('--no-pex', 'do not exchange addresses of peers with peers')
}

/** What the flags mean to a session. Rejects as `loadIpFilter` does. */
export async function findingOptionsOf(
  { dht, dhtRouter, lsd, pex, ipFilter }: FindingFlags,
  context: CommandContext,
): Promise<Pick<SessionOptions, 'dht' | 'lsd' | 'pex' | 'ipFilter'>> {
  return {
    lsd,
    pex,
    ...(!dht && { dht: false }),
    ...(dht && dhtRouter && { dht: { routers: dhtRouter } }),
    ...(ipFilter && { ipFilter: await loadIpFilter(ipFilter, context) }),
  }
}
