import type { TorrentId } from '../core/ids.ts'
import type { TorrentHandle } from './torrent-handle.ts'

/** What is new in a session. */
export interface TorrentChanges {
  /** To ask with the next time. */
  readonly revision: number
  /** These are all torrents there are: asked for the first time, or after so long that removals were forgotten. */
  readonly isWhole: boolean
  /** Those that changed, the latest change last. */
  readonly torrents: TorrentHandle[]
  readonly removed: TorrentId[]
}
