/** What strangers may fill in the tracker protocol, on both sides. */

import { defineLimits } from '../core/limits.ts'

export const TRACKER_LIMITS = defineLimits('tracker', {
  answerPeers: [500, 'entries', 'peers taken from one answer; the rest of a longer list is not read'],
  answerDepth: [8, 'levels', 'nesting of a bencoded answer; a real one has four'],
  answerTokens: [10_000, 'entries', 'parts of a bencoded answer; 500 peers as dictionaries have 4,000'],
  answerTextLength: [500, 'entries', 'characters kept of a failure reason or a warning'],
  trackerIdLength: [1024, 'bytes', 'longest `tracker id` that is sent back'],
  shortestIntervalSeconds: [60, 'seconds', 'an interval below this, or none at all, is raised to it'],
  longestIntervalSeconds: [86_400, 'seconds', 'an interval above a day is lowered to it'],
  trackers: [200, 'entries', 'trackers of one torrent that are used; the rest is ignored'],
  queryLength: [8192, 'bytes', 'longest query string of an announce or a scrape'],
  scrapeHashes: [74, 'entries', 'info-hashes of one scrape; what a UDP answer holds (BEP 15)'],
  numWantDefault: [50, 'entries', 'peers in an answer where the asker leaves the number to the tracker'],
  numWantMax: [200, 'entries', 'peers in an answer, whatever the asker wants'],
  udpTrackers: [
    1000,
    'entries',
    'addresses of UDP trackers whose connection is remembered while nobody waits for them; more are forgotten',
  ],
  udpAsksAtOnce: [
    50,
    'entries',
    'announces that are under way to one address of a UDP tracker; others wait in line',
  ],
  urlDataLength: [1024, 'bytes', 'path and query of a UDP tracker, as it is told of them (BEP 41)'],
  textParameterLength: [64, 'bytes', '`key`, `ip` and `trackerid` as they come in a query string'],
})

export const SWARM_STORE_LIMITS = defineLimits('tracker.swarm-store', {
  peersPerList: [100_000, 'entries', 'seeds, or other peers, of one family in one swarm'],
  peersPerHost: [
    16,
    'entries',
    'peers of one global address (IPv6: /64) in one swarm; a household, not a botnet',
  ],
  bucketsPerLock: [64, 'entries', 'chains swept in one hold of a lock: microseconds'],
  evictionSteps: [64, 'entries', 'chains looked at for a swarm to give up when memory is tight'],
})
