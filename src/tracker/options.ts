/** Defaults of the tracker protocol's client side. */

import { defineOptions } from '../core/options.ts'

export const SCHEDULE_DEFAULTS = defineOptions('tracker.schedule', {
  intervalSeconds: [1800, 'time between announces where the tracker does not say'],
  minIntervalSeconds: [120, 'least time between announces where the tracker names no minimum'],
  jitter: [0.02, 'announces come later by up to this share, so that torrents started together drift apart'],
  backOffSeconds: [15, 'wait after the first failure; doubles with each further one'],
  longestBackOffSeconds: [1800, 'longest wait after failures'],
  backOffJitter: [0.3, 'waits after failures are longer by up to this share'],
})
