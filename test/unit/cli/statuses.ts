/** A torrent's status with sensible figures, for tests that care about a few of them. */

import type { TorrentStatus } from '../../../src/client/torrent-status.ts'
import { torrentIdOf } from '../../../src/core/ids.ts'

export function status(more: Partial<TorrentStatus> = {}): TorrentStatus {
  const infoHashes = { v1: new Uint8Array(20).fill(0xab) }
  return {
    id: torrentIdOf(infoHashes),
    name: 'holiday',
    infoHashes,
    state: 'downloading',
    error: null,
    isResting: false,
    wantedLength: 100 * 1024 ** 2,
    verifiedLength: 43 * 1024 ** 2,
    totalLength: 100 * 1024 ** 2,
    pieces: 400,
    verifiedPieces: 172,
    checkedPieces: 0,
    recheck: null,
    downloaded: 50 * 1024 ** 2,
    uploaded: 3 * 1024 ** 2,
    wasted: 0,
    downloadRate: 12.5 * 1024 ** 2,
    uploadRate: 300 * 1024,
    peers: 12,
    seeds: 5,
    knownPeers: 40,
    etaSeconds: 100,
    trackers: [],
    ...more,
  }
}
