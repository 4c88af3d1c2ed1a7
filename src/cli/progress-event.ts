/** How a torrent is doing, for programs. */

import type { Slowness } from '../client/slowness.ts'
import type { TorrentStatus } from '../client/torrent-status.ts'
import type { JsonEvent } from './output.ts'

/** `why`: what holds it up, where it stands still. */
export function progressEvent(status: TorrentStatus, why: Slowness | null): JsonEvent {
  return {
    type: 'progress',
    torrent: status.id,
    name: status.name,
    state: status.state,
    wantedLength: status.wantedLength,
    verifiedLength: status.verifiedLength,
    totalLength: status.totalLength,
    pieces: status.pieces,
    verifiedPieces: status.verifiedPieces,
    checkedPieces: status.checkedPieces,
    downloaded: status.downloaded,
    uploaded: status.uploaded,
    wasted: status.wasted,
    downloadRate: Math.round(status.downloadRate),
    uploadRate: Math.round(status.uploadRate),
    peers: status.peers,
    seeds: status.seeds,
    knownPeers: status.knownPeers,
    etaSeconds: status.etaSeconds === null ? null : Math.round(status.etaSeconds),
    why: why && { code: why.code, message: why.message },
    error: status.error === null ? null : { code: status.error.code, message: status.error.message },
  }
}
