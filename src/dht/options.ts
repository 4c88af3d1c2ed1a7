import { defineOptions } from '../core/options.ts'

export const DHT_DEFAULTS = defineOptions('dht', {
  questionsAtOnce: [4, 'questions of a lookup that are under way at the same time (alpha)'],
  slowAfter: [1000, 'ms after which a question no longer holds up another of its lookup'],
  answerTimeout: [6000, 'ms after which a question counts as not answered'],
  questionableAfter: [900_000, 'ms of silence after which a node is asked whether it is still there (BEP 5)'],
  pingInterval: [5000, 'ms between two such questions'],
  refreshInterval: [600_000, 'ms between two lookups that keep the routing table full'],
  sparseRetry: [
    15_000,
    'ms until a routing table with few nodes is filled anew; doubles up to the refresh interval',
  ],
  tokenLifetime: [300_000, 'ms until tokens get another secret; those of the one before still hold'],
  peerLifetime: [2_700_000, 'ms without an announce after which a peer is forgotten'],
  itemLifetime: [7_200_000, 'ms without a put after which an item is forgotten (BEP 44)'],
  sampleInterval: [21_600, 'seconds for which a sample of info-hashes stays the same (BEP 51)'],
  addressVotes: [
    5,
    'networks (/16, or /32 of IPv6) that have to see us at another address before we believe it',
  ],
})
