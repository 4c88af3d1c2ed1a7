/** Running a tracker: `shoal/tracker-server`. */

export type { LocalSeed } from './local-seeds.ts'
export type { HonoursIpFrom, TrackerStats } from './server.ts'
export { type RunningTracker, startTracker, type StartTrackerOptions } from './start-tracker.ts'
export { Tracker, type TrackerOptions } from './tracker.ts'
