import { defineOptions } from '../core/options.ts'

/** What a session does where nothing else was asked for. */
export const CLIENT_DEFAULTS = defineOptions('client', {
  port: [6881, 'where peers are listened for; BEP 3 names 6881 to 6889'],
  portsTried: [9, 'how many ports from there on are tried for a free one'],
  extentMemory: [
    67_108_864,
    'memory for pieces on their way and blocks on their way out, over all torrents, bytes',
  ],
  extentsBesideLargest: [
    16_777_216,
    'memory beside the largest piece of any torrent, where that is more than the budget, bytes',
  ],
  streamAhead: [8_388_608, 'how far ahead of the reader of a stream pieces are fetched before others, bytes'],
  queueLook: [10_000, 'how often the queue is looked at while torrents wait in it, ms'],
  queueGather: [100, 'how long changes are gathered before the queue is looked at, ms'],
  slowTorrent: [2048, 'a torrent that moves less takes no place in the queue after a while, bytes a second'],
  goalLook: [5000, 'how often torrents are looked at that have goals, ms'],
  restAfter: [60_000, 'how long a torrent stays awake without peers, ms'],
  dhtInterval: [
    900_000,
    'how often the peers of a torrent are looked for in the DHT, and it is told of us, ms',
  ],
  dhtRetry: [60_000, 'the same where a download found nobody, ms'],
  dhtSaveInterval: [600_000, 'how often the nodes of the DHT are remembered, ms'],
  torrentNodes: [10, 'nodes that a torrent file names which are asked'],
  userAgent: ['shoal/0.1', 'how trackers see this program'],
})
