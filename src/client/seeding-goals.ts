import { UsageError } from '../core/errors.ts'

/** When a torrent has given enough; each may be left out. */
export interface SeedingGoals {
  /** Payload sent for each byte received, in all sessions together; of what was never downloaded here, for each byte of it. */
  readonly ratio?: number
  /** Seconds that it was there for others since it was complete, in all sessions together. */
  readonly seedingTime?: number
  /** Seconds in which nobody had anything of it. */
  readonly idleTime?: number
}

export type SeedingGoal = keyof SeedingGoals

/** What a torrent has given. */
export interface SeedingFigures {
  /** Payload in all sessions, bytes. */
  readonly uploaded: number
  readonly downloaded: number
  /** Bytes of what it is to have. */
  readonly wantedLength: number
  /** ms */
  readonly seededFor: number
  readonly idleFor: number
}

/** Below this share of its content a torrent was not downloaded here, but added with what was there. */
const DOWNLOADED_SHARE = 0.01

/** The goal that is reached; null where none is. */
export function reachedGoal(goals: SeedingGoals, figures: SeedingFigures): SeedingGoal | null {
  const { uploaded, downloaded, wantedLength, seededFor, idleFor } = figures
  const base = downloaded < wantedLength * DOWNLOADED_SHARE ? wantedLength : downloaded
  if (goals.ratio !== undefined && uploaded >= goals.ratio * base) return 'ratio'
  if (goals.seedingTime !== undefined && seededFor >= goals.seedingTime * 1000) return 'seedingTime'
  if (goals.idleTime !== undefined && idleFor >= goals.idleTime * 1000) return 'idleTime'
  return null
}

/** Throws `UsageError` `goal-invalid`. */
export function checkGoals(goals: SeedingGoals): SeedingGoals {
  for (const [name, value] of Object.entries(goals)) {
    if (typeof value === 'number' && value >= 0) continue
    throw new UsageError('goal-invalid', `the goal ${name} cannot be ${value}: it is a number, 0 or more`)
  }
  return goals
}
