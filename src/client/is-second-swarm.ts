import { equalBytes } from '../core/bytes.ts'
import type { SwarmKey } from '../core/ids.ts'
import type { TorrentTask } from './torrent-task.ts'

/** A hybrid's v2 swarm: its peers are greeted under the v2 key. */
export function isSecondSwarm(task: TorrentTask, key: SwarmKey): boolean {
  const { v1 } = task.hashes
  return v1 !== undefined && !equalBytes(v1, key)
}
