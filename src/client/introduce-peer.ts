import { Bitfield } from '../core/bitfield.ts'
import { NO_BYTES } from '../core/bytes.ts'
import { SwarmPeer } from '../swarm/swarm-peer.ts'
import type { RunningParts } from './running-parts.ts'
import type { PeerSession } from './peer-session.ts'

/** Makes a connection part of the swarm: says what we have, counts what it has. */
export function introducePeer(peer: PeerSession, { torrent }: RunningParts, now: number): void {
  peer.peer = new SwarmPeer({
    link: peer,
    address: peer.address,
    peerId: peer.wire.remotePeerId ?? NO_BYTES,
    pieceCount: torrent.geometry.pieceCount,
    hasFast: peer.wire.hasFast,
    now,
    ...peer.accounts,
  })
  peer.wire.bitfield(torrent.isSuperSeeding ? new Bitfield(torrent.geometry.pieceCount) : torrent.pieces.have)
  if (torrent.isComplete && !torrent.isSuperSeeding) peer.wire.uploadOnly(true)
  torrent.joined(peer.peer, now)
  peer.turns.flushLater(peer)
}
