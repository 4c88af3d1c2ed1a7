/** `--peer HOST:PORT` with names looked up. */

import type { Address } from '../core/address.ts'
import { ProtocolError } from '../core/errors.ts'
import { resolveAddresses } from '../net/resolve.ts'
import type { PeerPlace } from './option-parsers.ts'

/** All addresses of all of them. Rejects with `ProtocolError` `name-unresolved` for a name that leads nowhere. */
export async function resolvePeers(peers: readonly PeerPlace[], signal: AbortSignal): Promise<Address[]> {
  const addresses = await Promise.all(peers.map(peer => resolvePeer(peer, signal)))
  return addresses.flat()
}

async function resolvePeer({ host, port }: PeerPlace, signal: AbortSignal): Promise<Address[]> {
  try {
    return await resolveAddresses(host, port, { signal })
  } catch (error) {
    signal.throwIfAborted()
    const why = error instanceof Error ? error.message : String(error)
    throw new ProtocolError('name-unresolved', `--peer ${host}:${port}: ${why}`, { cause: error })
  }
}
