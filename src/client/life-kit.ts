import type { InfoHashes } from '../core/ids.ts'
import type { ExtentPool } from '../swarm/extent-pool.ts'
import type { AlertStream } from './alert-stream.ts'
import type { IdleTorrents } from './idle-torrents.ts'
import type { MetainfoStore } from './metainfo-store.ts'
import type { Openings } from './openings.ts'
import type { PeerFinder } from './peer-finder.ts'
import type { SessionPorts } from './session-ports.ts'
import type { TorrentTask } from './torrent-task.ts'
import type { Turns } from './turns.ts'

/** What of its session a torrent needs to live. */
export interface LifeKit {
  readonly ports: SessionPorts
  readonly turns: Turns
  readonly alerts: AlertStream
  readonly pool: ExtentPool
  readonly peerId: Uint8Array
  readonly openings: Openings
  readonly idle: IdleTorrents
  /** Null where nothing is remembered. */
  readonly metainfo: MetainfoStore | null
  readonly finders: PeerFinder
  listenPort(): number
  /** The metadata named all info-hashes of a torrent: a magnet may have known only one of them. */
  learnt(task: TorrentTask, hashes: InfoHashes): void
}
