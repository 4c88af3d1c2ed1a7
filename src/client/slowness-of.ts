import { SWARM_OPTIONS } from '../swarm/options.ts'
import { explainSlowness, type Slowness, type SlownessFacts } from './slowness.ts'
import { statusOf } from './status-of.ts'
import type { TorrentTask } from './torrent-task.ts'
import type { Traffic } from './traffic.ts'

/** Gathers what keeps a torrent from being faster at this moment. */
export function slownessOf(task: TorrentTask, traffic: Traffic, now: number): Slowness[] {
  const status = statusOf(task, now)
  return explainSlowness({
    status,
    ...peersOf(task),
    piecesNowhere: piecesNowhere(task),
    limit: traffic.bottleneck(task.channels, status.state === 'seeding' ? 'up' : 'down'),
    behind: behindOf(task),
  })
}

type PeerFacts = Pick<SlownessFacts, 'usefulPeers' | 'unchokingPeers' | 'interestedPeers'>

function peersOf(task: TorrentTask): PeerFacts {
  const facts = { usefulPeers: 0, unchokingPeers: 0, interestedPeers: 0 }
  for (const { peer } of task.peers) {
    if (!peer) continue
    if (peer.useful > 0) facts.usefulPeers++
    if (peer.mayBeAsked) facts.unchokingPeers++
    if (peer.isInterested) facts.interestedPeers++
  }
  return facts
}

function piecesNowhere({ torrent }: TorrentTask): number {
  if (!torrent) return 0
  const { picker, geometry } = torrent
  let count = 0
  for (let piece = 0; piece < geometry.pieceCount; piece++) {
    if (picker.isWanted(piece) && picker.availability(piece) === 0) count++
  }
  return count
}

function behindOf({ torrent }: TorrentTask): SlownessFacts['behind'] {
  if (!torrent) return null
  const { settling, hashing } = torrent.pieces
  if (settling * torrent.geometry.pieceLength < SWARM_OPTIONS.settlingBytes) return null
  return hashing * 2 > settling ? 'hashing' : 'disk'
}
