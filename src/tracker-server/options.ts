/** How a tracker behaves unless it is told otherwise. */

import { defineOptions } from '../core/options.ts'

export const TRACKER_DEFAULTS = defineOptions('tracker-server', {
  httpPort: [6969, 'the port that HTTP trackers have by custom'],
  intervalSeconds: [1800, 'time between the regular announces of a peer'],
  minIntervalSeconds: [300, 'least time between two announces of a peer that wants more peers'],
  intervalJitter: [
    0.1,
    'intervals are longer by up to this share, so that peers that came together drift apart',
  ],
  lifetimeIntervals: [1.5, 'how many intervals a peer may be silent before it is forgotten'],
  honoursIpFrom: [
    'loopback',
    'whose `ip` parameter names its address: `nobody`, `loopback` (a peer beside the tracker) or `local` (its network, too)',
  ],
})
