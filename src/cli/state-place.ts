/** Where `get` and `seed` remember what they have. */

import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type InfoHashes, torrentIdOf } from '../core/ids.ts'

/**
 * `$XDG_STATE_HOME/shoal/torrents/…`, by default under `~/.local/state`: a folder for each pair of torrent and target,
 * because a state folder belongs to one process, and several downloads may run side by side. The same torrent into the
 * same folder finds what an earlier run left, whether that was `get` or `seed`.
 */
export function stateFolderFor(
  torrent: InfoHashes,
  targetFolder: string,
  variables: Readonly<Record<string, string | undefined>>,
): string {
  const home = variables['XDG_STATE_HOME'] || join(variables['HOME'] || homedir(), '.local', 'state')
  const place = createHash('sha256')
    .update(`${torrentIdOf(torrent)}\n${targetFolder}`)
    .digest('hex')
    .slice(0, 24)
  return join(home, 'shoal', 'torrents', place)
}
