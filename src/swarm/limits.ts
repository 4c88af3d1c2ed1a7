import { defineLimits } from '../core/limits.ts'

/** Bounds on what others can make a torrent keep or do. */
export const SWARM_LIMITS = defineLimits('swarm', {
  outstandingRequests: [
    2000,
    'entries',
    'blocks asked of one peer at a time, whatever it offers: 32 MiB on their way fill any line',
  ],
  addressVotes: [
    64,
    'entries',
    'who said last where they see us, of each family; the oldest is forgotten first',
  ],
  expiredRequests: [500, 'entries', 'requests given up on whose block is still welcome when it comes late'],
  allowedFast: [64, 'entries', 'pieces that a peer lets us ask for while it chokes us; BEP 6 suggests 10'],
  allowedFastRepeats: [
    2,
    'entries',
    'times that a block is sent to a newcomer that is choked (BEP 6): what got lost is asked for again',
  ],
  suggestedPieces: [
    16,
    'entries',
    'pieces that a peer suggests (BEP 6), oldest forgotten first; libtorrent keeps as many',
  ],
  runBlocks: [
    15,
    'entries',
    'blocks answered with one read and one write: what an extent holds with their headers',
  ],
  runBytes: [245760, 'bytes', 'payload answered with one read and one write: likewise'],
  queuedUploads: [2000, 'entries', 'requests of one peer that wait for an answer; it is told so (`reqq`)'],
  endgameDuplicates: [
    16,
    'entries',
    'blocks asked of one peer though another was asked: bounds what is wasted',
  ],
  knownPeers: [3000, 'entries', 'addresses kept for a torrent; libtorrent keeps as many'],
  peersPerHost: [8, 'entries', 'ports kept of one global host, so that nobody aims a swarm at a victim'],
  gossipPortsPerHost: [
    3,
    'entries',
    'ports kept of one host where only peers, the DHT or the local network tell of them; loopback has none',
  ],
  addressesPerTeller: [
    200,
    'entries',
    'addresses kept on the word of one host that were never reached: none fills the list of a torrent alone',
  ],
  contactsAtFirst: [
    200,
    'entries',
    'addresses told, and taken, in the first PEX message of a connection (BEP 11 does not bound it)',
  ],
  contactsAtOnce: [
    50,
    'entries',
    'addresses added, dropped, and taken a minute, in the PEX messages that follow (BEP 11)',
  ],
  pexMessages: [6, 'entries', 'PEX messages taken a minute; BEP 11 has one, libtorrent takes as many'],
  bannedHosts: [4096, 'entries', 'hosts that are not talked to any more, oldest forgiven first'],
  ownAddresses: [64, 'entries', 'addresses that turned out to be ourselves, oldest forgotten first'],
  suspectPieces: [64, 'entries', 'failed pieces whose blocks are remembered until the piece is good'],
  suspectAttempts: [4, 'entries', 'failed attempts at one piece that are remembered, oldest forgotten first'],
})
