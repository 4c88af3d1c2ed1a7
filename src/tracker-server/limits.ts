/** What a tracker does at most. */

import { defineLimits } from '../core/limits.ts'

export const TRACKER_SERVER_LIMITS = defineLimits('tracker-server', {
  sweepInterval: [1000, 'ms', 'how often a part of the store is swept'],
  sweepParts: [120, 'times', 'after so many parts the whole store was swept: about two minutes'],
})
