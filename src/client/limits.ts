import { defineLimits } from '../core/limits.ts'

export const CLIENT_LIMITS = defineLimits('client', {
  alertBacklog: [10_000, 'entries', 'alerts kept for a reader that does not read; then the oldest go'],
  removalsTold: [
    1000,
    'entries',
    'torrents taken out that `changesSince` still tells of; after more, it tells all',
  ],
  connections: [
    200,
    'entries',
    'open connections of a session, beside `pendingHandshakes`; libtorrent has the same default',
  ],
  connectionsPerTorrent: [60, 'entries', 'more peers than this bring a torrent nothing'],
  incomingPerTorrent: [
    45,
    'entries',
    'of them that came by themselves, while there is something to fetch: the others are for peers that we dial',
  ],
  pendingHandshakes: [
    128,
    'entries',
    'incoming connections that have not said which torrent they are for; the oldest goes',
  ],
  connectionsPerHost: [
    8,
    'entries',
    'people behind one address, and tests on one machine; not a single host filling all places',
  ],
  halfOpen: [30, 'entries', 'connections being opened at a time'],
  halfOpenPerTorrent: [
    20,
    'entries',
    'of them for one torrent: where nobody answers, others have places left',
  ],
  metadataLength: [
    16 << 20,
    'bytes',
    'an info dictionary fetched from peers: 16 MiB describes over 700,000 pieces',
  ],
  pieceCount: [1 << 21, 'entries', 'have-state that is held before the metadata is known'],
  bannedIds: [1000, 'entries', 'peer ids shut out where the host is this machine, oldest forgiven first'],
  hashRequests: [
    8,
    'entries',
    'hash requests of a peer that wait for the disk; each costs a read of a piece',
  ],
  hashQueries: [10_000, 'entries', 'hash ranges that we wait for; a torrent of 5 million pieces has as many'],
  readsInFlight: [
    4,
    'entries',
    'runs being read from disk for one peer: keeps the disk and the socket both busy',
  ],
  settingsLength: [
    16_777_216,
    'bytes',
    'what was said of one torrent in an earlier session: a digit a file, and little more',
  ],
  slowTorrentAfter: [
    60_000,
    'ms',
    'how long a torrent may move hardly anything and keep its place in the queue',
  ],
  hurriedPieces: [256, 'entries', 'pieces ahead of the reader of a stream that are fetched before others'],
  openingTorrents: [
    16,
    'entries',
    'torrents of one folder being opened at a time, those whose pieces are being hashed not counted',
  ],
  idleTorrents: [
    64,
    'entries',
    'torrents that stay awake for a while though nobody asks for them; of more, the one that is quiet longest rests at once',
  ],
  openAgainAfter: [10_000, 'ms', 'until a disk that is full or not there is looked at again'],
  silentDisk: [
    20_000,
    'ms',
    'how long closing waits for a disk that answers nothing; one that answers something may take longer',
  ],
  firstPexAfter: [
    5_000,
    'ms',
    'from the handshake with a peer to the first that it is told of others (BEP 11): by then more are there',
  ],
  pexInterval: [60_000, 'ms', 'between two PEX messages to one peer (BEP 11)'],
  blockedAlertInterval: [
    60_000,
    'ms',
    'between two alerts of addresses that the IP filter turned away, however many there are',
  ],
  dhtSearchesAtOnce: [
    8,
    'entries',
    'torrents whose peers are looked for in the DHT at the same time; the others wait in line',
  ],
  stopAnnounce: [5_000, 'ms', 'how long leaving waits for trackers to take `stopped`'],
})
