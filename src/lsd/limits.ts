import { defineLimits } from '../core/limits.ts'

/** The bounds of local service discovery (BEP 14). */
export const LSD_LIMITS = defineLimits('lsd', {
  datagramLength: [1400, 'bytes', 'of an announce that we send (BEP 14)'],
  readLength: [4096, 'bytes', 'of an announce that is read; longer ones are passed over'],
  infoHashes: [64, 'entries', 'info-hashes that are read from one announce'],
  cookieLength: [64, 'bytes', 'of a cookie that is compared'],
  announceInterval: [300_000, 'ms', 'between two announces of one torrent (BEP 14)'],
  gather: [1_000, 'ms', 'new torrents wait so long for others, to be told of in one datagram'],
  datagramsAtOnce: [5, 'entries', 'announces in a row; torrents up to this number have one each'],
  datagramInterval: [
    60_000,
    'ms',
    'for one more announce, on average (BEP 14): also with thousands of torrents',
  ],
  heardAtOnce: [
    20,
    'entries',
    'announces of one host in a row that are heeded: a program may send one a torrent',
  ],
  heardInterval: [1_000, 'ms', 'for one more announce of a host that is heeded'],
  sources: [256, 'entries', 'hosts whose announces are counted, who was silent longest forgotten first'],
})
