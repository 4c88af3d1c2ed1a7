import { setTimeout as delay } from 'node:timers/promises'
import type { RunningTracker } from '../src/tracker-server/start-tracker.ts'

const LOOK_INTERVAL = 5

/** Resolves when a seed has announced itself; rejects where none has within `bound` ms. */
export async function seedIsKnown(tracker: RunningTracker, bound: number): Promise<void> {
  const end = performance.now() + bound
  while (tracker.stats().seeds === 0) {
    if (performance.now() > end) throw new Error('the seed did not announce itself to the tracker')
    await delay(LOOK_INTERVAL)
  }
}
