/** Where `get`, `seed` and `up` remember what they have when nobody says otherwise. */

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { TorrentId } from '../core/ids.ts'
import { defaultStateFolder } from '../storage/state-folder.ts'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * A state folder belongs to one process, and several downloads may run side by side: so each pair of torrent and target
 * has one, in `~/.local/state/shoal/single`. The same torrent into the same folder finds what an earlier run left,
 * whether that was `get` or `seed`.
 */
export function singleStateFolders(
  targetFolder: string,
  variables: Variables,
): (torrent: TorrentId) => string {
  return torrent => join(defaultStateFolder(variables), 'single', nameOf(`${torrent}\n${targetFolder}`))
}

/** One for each shared folder, in `~/.local/state/shoal/up`. */
export function upStateFolder(sharedFolder: string, variables: Variables): string {
  return join(defaultStateFolder(variables), 'up', nameOf(sharedFolder))
}

function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}
