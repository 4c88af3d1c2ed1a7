/** What one can know of a torrent at a moment. */

import type { BitTorrentError } from '../core/errors.ts'
import type { InfoHashes, TorrentId } from '../core/ids.ts'

export type TorrentState =
  /** A magnet whose metadata is still to come. */
  | 'fetching-metadata'
  /** What is on disk is being hashed. */
  | 'checking'
  /** Room is made on the disk for all that is to come. */
  | 'allocating'
  /** Its disk is full, or not there: it begins by itself when that has passed; see `error`. */
  | 'waiting'
  | 'downloading'
  /** Every selected file is there. */
  | 'seeding'
  /** Stopped by an error; see `error`. */
  | 'failed'
  /** Stopped by its user: nobody is connected, nothing moves, trackers know. */
  | 'paused'
  /** Waits for its turn, as when paused: as many as may be are active. */
  | 'queued'
  /** Not begun, or taken out of its session. */
  | 'stopped'

/** How far a recheck is. */
export interface RecheckProgress {
  /** Pieces that were looked at, of so many. */
  readonly checked: number
  readonly pieces: number
}

export interface TrackerStatus {
  readonly url: string
  readonly state: 'idle' | 'announcing' | 'working' | 'failed'
  /** What it said last: a failure's text, a warning. */
  readonly message: string | null
  readonly seeds: number | null
  readonly leeches: number | null
  /** Until the next announce, or null where none is planned. */
  readonly nextInSeconds: number | null
}

export interface TorrentStatus {
  readonly id: TorrentId
  readonly name: string
  readonly infoHashes: InfoHashes
  readonly state: TorrentState
  readonly error: BitTorrentError | null
  /** Nobody is connected, and what it needs for peers is not in memory. It is there again when one comes. */
  readonly isResting: boolean
  /** Bytes of the selected files, and how many of them are verified. 0 before the metadata is known. */
  readonly wantedLength: number
  readonly verifiedLength: number
  readonly totalLength: number
  readonly pieces: number
  readonly verifiedPieces: number
  /** While checking: how many pieces have been looked at. */
  readonly checkedPieces: number
  /** How far a recheck that goes on beside all else is; null where there is none. */
  readonly recheck: RecheckProgress | null
  /** Payload since the start of the session, bytes. */
  readonly downloaded: number
  readonly uploaded: number
  /** Payload that was thrown away: failed pieces, blocks that came twice. */
  readonly wasted: number
  /** Bytes a second. */
  readonly downloadRate: number
  readonly uploadRate: number
  readonly peers: number
  readonly seeds: number
  readonly knownPeers: number
  /** Seconds to completion at the present rate; null where it cannot be said. */
  readonly etaSeconds: number | null
  readonly trackers: readonly TrackerStatus[]
}

/** One byte a piece, for piece maps. */
export const PIECE_MISSING = 0
export const PIECE_PARTIAL = 1
export const PIECE_VERIFIED = 2
/** Not selected. */
export const PIECE_UNWANTED = 3
