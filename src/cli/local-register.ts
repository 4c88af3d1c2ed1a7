/** Makes the seeds of our own session known to our own tracker, without an announce. */

import { type InfoHashes, swarmKeys, torrentIdOf } from '../core/ids.ts'
import type { Tracker } from '../tracker-server/index.ts'
import { systemSecrets } from '../net/system-secrets.ts'
import { newPeerId } from '../wire/peer-id.ts'
import type { CliSession } from './cli-session.ts'
import type { LocalRegister } from './folder-publisher.ts'

export function localRegister(tracker: Tracker, session: CliSession): LocalRegister {
  /** By torrent. Bounded by what is published. */
  const undo = new Map<string, () => void>()
  return {
    register(hashes: InfoHashes): void {
      const port = session.listening[0]?.port
      if (port === undefined) return
      // Named in answers with dictionaries only; whoever asks for those may insist on it in the handshake.
      const peerId = session.peerId ?? newPeerId(systemSecrets)
      const unregister = swarmKeys(hashes).map(infoHash => tracker.registerLocal({ infoHash, peerId, port }))
      undo.set(torrentIdOf(hashes), () => {
        for (const one of unregister) one()
      })
    },
    unregister(hashes: InfoHashes): void {
      const id = torrentIdOf(hashes)
      undo.get(id)?.()
      undo.delete(id)
    },
  }
}
