import { ProtocolError } from '../core/errors.ts'
import type { TorrentPeerSession, TorrentTask } from './torrent-task.ts'

/** Who has more than so many times the peers of another torrent gives one up for it. */
const SHARE = 4

/**
 * The session has as many connections as it may, and a torrent needs one: the torrent with the most gives up the peer that
 * moves least, where it has several times as many. So no torrent keeps the others from everybody, however many peers it has.
 */
export function makeWay(open: Iterable<TorrentPeerSession>, home: TorrentTask, now: number): void {
  const all = [...open]
  let largest = home
  for (const peer of all) if (peer.home && peer.home.peerCount > largest.peerCount) largest = peer.home
  if (largest.peerCount <= SHARE * (home.peerCount + 1)) return
  let idlest: { peer: TorrentPeerSession; rate: number } | null = null
  for (const peer of all) {
    if (peer.home !== largest || peer.joinedAt > now) continue
    const rate = rateOf(peer, now)
    const isIdler =
      idlest === null || rate < idlest.rate || (rate === idlest.rate && peer.joinedAt < idlest.peer.joinedAt)
    if (isIdler) idlest = { peer, rate }
  }
  idlest?.peer.close(
    new ProtocolError('peer-crowded-out', 'the session is full, and another torrent has hardly any peer', {
      severity: 'ignore',
    }),
  )
}

/** Payload both ways, bytes a second. */
function rateOf({ peer }: TorrentPeerSession, now: number): number {
  return peer ? peer.downloadRate.perSecond(now) + peer.uploadRate.perSecond(now) : 0
}
