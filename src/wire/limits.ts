import { defineLimits } from '../core/limits.ts'

/** The bounds of the peer wire protocol. Times are what a peer is given before it is let go. */
export const WIRE_LIMITS = defineLimits('wire', {
  handshakeTimeout: [10_000, 'ms', 'for the whole handshake, however slowly its bytes drip'],
  keepAliveAfter: [100_000, 'ms', 'of our silence; BEP 3: "generally sent once every two minutes"'],
  idleTimeout: [
    140_000,
    'ms',
    'of their silence; above the two minutes at which honest peers send keep-alives',
  ],
  messageLength: [1_048_576, 'bytes', 'no message is longer; checked before anything is buffered'],
  blockLength: [16_384, 'bytes', 'of a PIECE: we never ask for more (BEP 3, BEP 52)'],
  requestLength: [
    131_072,
    'bytes',
    'of a REQUEST: old programs asked for up to 128 KiB; the owner may refuse less',
  ],
  extendedLength: [
    65_536,
    'bytes',
    'of an extended message; handshakes and metadata pieces stay below 20 KiB',
  ],
  extendedDepth: [32, 'levels', 'of bencode in an extended message'],
  extendedTokens: [2_048, 'entries', 'of bencode in an extended message'],
  extensionNames: [64, 'entries', 'of `m` are remembered for a peer'],
  extensionNameLength: [64, 'bytes', 'of a name in `m`; longer ones are passed over'],
  clientNameLength: [64, 'bytes', 'of `v`, after control characters are taken out'],
  remoteQueueLength: [2_000, 'entries', 'of `reqq` are believed'],
  metadataPieceLength: [16_384, 'bytes', 'BEP 9'],
  pexContacts: [
    200,
    'entries',
    'addresses of a family that are read from one PEX message; BEP 11 has 50 in all, but for the first',
  ],
  hashesInMessage: [
    8_768,
    'entries',
    'of a HASHES message: 8192 of a 128 MiB piece (libtorrent), and their proofs',
  ],
  unknownMessageLength: [16_384, 'bytes', 'of a message that we do not know; it is skipped, never buffered'],
  unknownPieceCount: [2_097_152, 'entries', 'pieces that a peer may speak of before the metadata is known'],
  heldHaves: [4_096, 'entries', 'HAVE and DONTHAVE that wait for the metadata; more are forgotten'],
  heldAllowedFast: [64, 'entries', 'ALLOWED FAST that wait for the metadata; more are forgotten'],
  earlyBytes: [524_288, 'bytes', 'that an initiator may send before its handshake is answered'],
  chatterPerMinute: [
    1_200,
    'entries',
    'messages that move nothing: keep-alives, choke and interest flips, hints',
  ],
  spareHaves: [1_024, 'entries', 'HAVE beyond one for every piece and for every DONTHAVE'],
  statements: [
    128,
    'entries',
    'BITFIELD, HAVE ALL and HAVE NONE of a peer; aria2 says it in place of 9 or more HAVEs: 72 times at the most',
  ],
  requestsWhileChoked: [
    2_300,
    'entries',
    'beyond what can be under way when our CHOKE goes out (libtorrent: 300)',
  ],
  unreadBytes: [2_097_152, 'bytes', 'of answers that wait because the peer does not read'],
})
