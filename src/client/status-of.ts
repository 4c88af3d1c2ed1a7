import type { TorrentTask } from './torrent-task.ts'
import type { TorrentState, TorrentStatus } from './torrent-status.ts'

/** Gathers what can be said of a torrent at this moment. */
export function statusOf(task: TorrentTask, now: number): TorrentStatus {
  const { torrent, record } = task
  const progress = task.standing?.progress ?? { wanted: 0, verified: 0 }
  const downloadRate = rateOf(task, now, 'downloadRate')
  const missing = progress.wanted - progress.verified
  return {
    id: task.id,
    name: task.name,
    infoHashes: task.hashes,
    state: stateOf(task),
    error: task.error,
    isResting: task.record !== null,
    wantedLength: progress.wanted,
    verifiedLength: progress.verified,
    totalLength: task.outline?.contentLength ?? 0,
    pieces: task.outline?.pieces ?? 0,
    verifiedPieces: torrent?.pieces.have.count ?? record?.verifiedPieces ?? 0,
    checkedPieces: task.checkedPieces,
    recheck: task.recheck,
    downloaded: task.tally.downloaded,
    uploaded: task.tally.uploaded,
    wasted: task.tally.wasted,
    downloadRate,
    uploadRate: rateOf(task, now, 'uploadRate'),
    peers: task.peerCount,
    seeds: torrent?.peers.seeds ?? 0,
    knownPeers: task.book.size,
    etaSeconds: etaOf(task, missing, downloadRate),
    trackers: task.announcers.states(now),
  }
}

function stateOf(task: TorrentTask): TorrentState {
  if (!task.isPaused || task.hasFailed) return task.state
  return task.isQueued ? 'queued' : 'paused'
}

function rateOf(task: TorrentTask, now: number, which: 'downloadRate' | 'uploadRate'): number {
  let rate = 0
  for (const { peer } of task.peers) if (peer) rate += peer[which].perSecond(now)
  return Math.round(rate)
}

function etaOf(task: TorrentTask, missing: number, rate: number): number | null {
  if (task.state === 'seeding') return 0
  if (task.state !== 'downloading' || rate < 1) return null
  return Math.ceil(missing / rate)
}
