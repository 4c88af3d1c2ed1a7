/** Under which URLs `shoal up` is reached, and by whom. */

import { type Address, address, formatAddress, isEverywhere } from '../core/address.ts'
import { type InfoHashes, swarmKeys } from '../core/ids.ts'
import type { SwarmCounts } from '../site/index.ts'
import type { Tracker } from '../tracker-server/index.ts'
import { reachableAddresses } from './reachable-addresses.ts'

export interface UpPlaces {
  /** The page, for a browser on this machine. */
  readonly localUrl: string
  /** The page, for others; null where nobody else can come. */
  readonly publicUrl: string | null
  /** What stands in the torrents. */
  readonly announceUrl: string
}

/**
 * `external` comes first in what others are told; its port is that of the router's forwarding, or 0 where it is the
 * same as here.
 */
export function upPlaces(web: readonly Address[], external: Address | null): UpPlaces {
  const [first] = web
  if (!first) throw new RangeError('a web port listens somewhere')
  const reachable = reachableAddresses(web)
  const own = external
    ? address(external.host, external.port || first.port)
    : (reachable[0] ?? loopbackOf(first))
  const isLocal = ['127.0.0.1', '::1'].includes(own.host)
  return {
    localUrl: `http://${formatAddress(isEverywhere(first) ? loopbackOf(first) : first)}`,
    publicUrl: isLocal ? null : `http://${formatAddress(own)}`,
    announceUrl: `http://${formatAddress(own)}/announce`,
  }
}

/** A hybrid's two swarms are mostly the same peers, so the larger one counts. */
export function countsOf(tracker: Tracker, hashes: InfoHashes): SwarmCounts {
  const counts = swarmKeys(hashes).map(key => tracker.counts(key))
  return {
    seeds: Math.max(...counts.map(count => count.complete)),
    leeches: Math.max(...counts.map(count => count.incomplete)),
  }
}

function loopbackOf({ family, port }: Address): Address {
  return address(family === 4 ? '127.0.0.1' : '::1', port)
}
