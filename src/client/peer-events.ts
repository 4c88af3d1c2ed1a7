import { address, hostFromBytes } from '../core/address.ts'
import type { ExtendedHandshake } from '../wire/extension.ts'
import { UT_PEX } from '../wire/extension.ts'
import { METADATA_PIECE_LENGTH } from '../wire/ut-metadata.ts'
import type { PeerEvent } from '../wire/peer-event.ts'
import type { TorrentPeerSession } from './torrent-task.ts'

/** Carries what a peer said to whom it concerns. Blocks and the handshake have their own way, in the session. */
export function heedPeer(session: TorrentPeerSession, event: PeerEvent, now: number): void {
  const home = session.home
  if (!home) return
  switch (event.type) {
    case 'extended-handshake':
      heedIntroduction(session, event, now)
      break
    case 'metadata-request':
      answerMetadata(session, event.piece)
      return
    case 'metadata-piece':
      home.magnetFetch?.received(session, event.piece, event.bytes, now)
      break
    case 'metadata-rejected':
      home.magnetFetch?.rejected(session, now)
      break
    case 'extended':
      if (event.name === UT_PEX) home.exchange.received(session, event.payload, now)
      return
    case 'hash-request':
      if (home.hashAnswers) home.hashAnswers.asked(session, event.request)
      else session.rejectHashes(event.request)
      return
    case 'hashes':
      home.hashQueries?.received(session, event.request, event.hashes, now)
      break
    case 'hash-rejected':
      home.hashQueries?.rejected(session, event.request, now)
      break
    default:
      heedSwarm(session, event, now)
      return
  }
  // Someone was asked for metadata or hashes, perhaps: how long to wait for it is heeded.
  session.turns.heed(home)
}

function heedIntroduction(session: TorrentPeerSession, said: ExtendedHandshake, now: number): void {
  const home = session.home
  if (said.listenPort !== null) home?.peerListens(session, said.listenPort)
  if (said.yourIp) home?.book.seenAt(address(hostFromBytes(said.yourIp), 1))
  if (session.peer) {
    if (said.reqq !== null) session.peer.requests.holds(said.reqq)
    if (said.isUploadOnly) home?.torrent?.uploadOnly(session.peer, true)
  }
  home?.magnetFetch?.offered(session, said.metadataSize, now)
  home?.exchange.introduced(session, now)
}

/** Tells the torrent, which has just begun, what was said while there was none: it is not said again. */
export function recallPeer(session: TorrentPeerSession, now: number): void {
  const { home, peer, wire } = session
  if (!home?.torrent || !peer) return
  if (wire.remoteExtended.reqq !== null) peer.requests.holds(wire.remoteExtended.reqq)
  if (wire.isInterested) home.torrent.interested(peer, true, now)
  if (!wire.isChoking) home.torrent.unchoked(peer, now)
  if (wire.remoteExtended.isUploadOnly) home.torrent.uploadOnly(peer, true)
}

function heedSwarm(session: TorrentPeerSession, event: PeerEvent, now: number): void {
  const torrent = session.home?.torrent
  const peer = session.peer
  if (!torrent || !peer) return
  switch (event.type) {
    case 'choked':
      return torrent.choked(peer)
    case 'unchoked':
      return torrent.unchoked(peer, now)
    case 'interested':
      return torrent.interested(peer, true, now)
    case 'not-interested':
      return torrent.interested(peer, false, now)
    case 'bitfield':
      return torrent.hasPieces(peer, event.bits, now)
    case 'have':
      return torrent.hasPiece(peer, event.piece)
    case 'dont-have':
      return torrent.peers.lacks(peer, event.piece)
    case 'allowed-fast':
      return torrent.peers.allowedFast(peer, event.piece)
    case 'suggested':
      return torrent.peers.suggested(peer, event.piece)
    case 'request':
      return torrent.asked(peer, event.piece, event.begin, event.length)
    case 'cancel':
      return torrent.cancelled(peer, event.piece, event.begin, event.length)
    case 'rejected':
      return torrent.rejected(peer, event.piece, event.begin, event.length)
    case 'upload-only':
      return torrent.uploadOnly(peer, event.isUploadOnly)
    default:
    // DHT ports and messages of other extensions are for issues to come.
  }
}

/** BEP 9: a piece of the info dictionary, or a rejection where we do not have it. */
function answerMetadata(session: TorrentPeerSession, piece: number): void {
  const info = session.home?.metadata?.info.bytes
  const begin = piece * METADATA_PIECE_LENGTH
  if (!info || begin >= info.length) session.wire.rejectMetadata(piece)
  else session.wire.sendMetadata(piece, info.length, info.subarray(begin, begin + METADATA_PIECE_LENGTH))
  session.turns.flushLater(session)
}
