import { defineOptions } from '../core/options.ts'

/** How a torrent behaves among its peers, where nothing else was asked for. */
export const SWARM_OPTIONS = defineOptions('swarm', {
  tickInterval: [500, 'how often a torrent with peers looks for what time alone changes, ms'],
  retryWritesAfter: [10_000, 'how long after a failed write the disk is asked again, ms'],
  assumedQueue: [250, 'requests that a peer is believed to hold before it says how many (`reqq`)'],
  settlingBytes: [
    8_388_608,
    'whole pieces of a torrent that wait for hash and disk before no new ones are begun, bytes',
  ],
  allowedFastSet: [
    10,
    'pieces that a newcomer gets while it is choked, as BEP 6 suggests; at most a tenth of a torrent',
  ],
  uploadSlots: [
    8,
    'peers of a torrent that may download from us at a time; more, up to 50, where these leave an upload limit unused',
  ],
  addressVotes: [3, 'networks that must agree on where they see us; our router counts as so many'],
})
