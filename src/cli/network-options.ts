/** The flags that `get` and `seed` share: where to listen, whom to ask, how fast. */

import { Option, type Command } from 'commander'
import type { AnnounceBreadth } from '../tracker/announce-schedule.ts'
import type { ListenAddress, SessionOptions } from '../client/session-options.ts'
import { addFindingOptions, type FindingFlags } from './finding-options.ts'
import {
  listOption,
  type PeerPlace,
  readHost,
  readPeer,
  readPort,
  readRate,
  valueOption,
} from './option-parsers.ts'

export interface NetworkFlags extends FindingFlags {
  readonly bind?: string
  readonly port?: number
  readonly peer?: readonly PeerPlace[]
  readonly maxDown?: number
  readonly maxUp?: number
  readonly announceTo: AnnounceBreadth
  readonly portMap: boolean
}

export function addPortMapOption(command: Command): Command {
  return command.option('--no-port-map', 'do not ask the router to forward the port')
}

export function addNetworkOptions(command: Command): Command {
  command
    .addOption(
      valueOption('--bind <ADDR>', 'listen and connect with this IP address of this machine', readHost),
    )
    .addOption(
      valueOption('--port <N>', 'listen on this port (default: 6881 or the next that is free)', readPort),
    )
    .addOption(listOption('--peer <HOST:PORT>', 'a peer to try at once; several times for more', readPeer))
    .addOption(
      valueOption('--max-down <RATE>', 'download no faster, in bytes a second: 500K, 2M, 1.5MiB', readRate),
    )
    .addOption(valueOption('--max-up <RATE>', 'upload no faster', readRate))
    .addOption(
      new Option('--announce-to <WHOM>', 'the first tracker that answers, one of every tier, or all of them')
        .choices(['first', 'every-tier', 'every-tracker'])
        .default('first'),
    )
  addFindingOptions(command)
  addPortMapOption(command)
  // What these switch off does not exist yet: they are true by nature, and scripts may already say what they want.
  for (const [flag, what] of [['--no-utp', 'TCP only']] as const) {
    command.addOption(new Option(flag, `${what} (so far it is always like this)`))
  }
  return command
}

/** What the flags mean to a session. */
export function sessionOptionsOf(flags: NetworkFlags): SessionOptions {
  const { bind, port } = flags
  const isChosen = bind !== undefined || port !== undefined
  return {
    portMapping: flags.portMap,
    ...(isChosen && { listen: listenAddresses(bind, port) }),
    ...(flags.maxDown !== undefined && { downloadLimit: flags.maxDown }),
    ...(flags.maxUp !== undefined && { uploadLimit: flags.maxUp }),
  }
}

/** One address where one was chosen, or else all of this machine, of both families. */
export function listenAddresses(bind: string | undefined, port = 0): ListenAddress[] {
  if (bind !== undefined) return [{ address: bind, port }]
  return [
    { address: '0.0.0.0', port },
    { address: '::', port, isOptional: true },
  ]
}
