/** Defaults of the tracker protocol, the client's side and the server's. */

import { defineOptions } from '../core/options.ts'

export const SCHEDULE_DEFAULTS = defineOptions('tracker.schedule', {
  intervalSeconds: [1800, 'time between announces where the tracker does not say'],
  minIntervalSeconds: [120, 'least time between announces where the tracker names no minimum'],
  jitter: [0.02, 'announces come later by up to this share, so that torrents started together drift apart'],
  backOffSeconds: [15, 'wait after the first failure; doubles with each further one'],
  longestBackOffSeconds: [1800, 'longest wait after failures'],
  backOffJitter: [0.3, 'waits after failures are longer by up to this share'],
})

export const UDP_DEFAULTS = defineOptions('tracker.udp', {
  firstRetry: [15_000, 'ms until what a tracker does not answer is sent again; doubles each time (BEP 15)'],
  answerPatience: [
    45_000,
    'ms until a tracker that does not answer is passed over for now: two sendings, where BEP 15 goes on for hours',
  ],
  otherFamily: [2_000, 'ms that an answer over one address family waits for the one over the other'],
})

export const SWARM_STORE_DEFAULTS = defineOptions('tracker.swarm-store', {
  lifetimeSeconds: [
    2700,
    'silence after which a peer is forgotten: half as long again as the default interval',
  ],
  memoryLimit: [
    256 * 2 ** 20,
    'bytes for swarms and peers: about two million swarms of one peer, more in larger ones',
  ],
  keepsPeerIds: [true, 'keeps 20 bytes a peer for answers as dictionaries, and to recognise the asker'],
})
