import type { SwarmKey } from '../core/ids.ts'
import type { TorrentTask } from './torrent-task.ts'

/** Looks for peers of torrents where no tracker is needed: in the DHT, in the local network. */
export interface PeerFinder {
  /** The torrent is in these swarms from now on, beside those it was in before; what is found goes to its `found`. */
  enter(task: TorrentTask, keys: readonly SwarmKey[], now: number): void
  /** It is in none any more: it is paused, failed, left, or turned out to be private. */
  leave(task: TorrentTask, now: number): void
}
