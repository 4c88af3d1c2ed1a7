import type { Clock } from '../core/ports.ts'

/** The system's clocks. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
}
