/** The flags that say when a seed has given enough. */

import type { Command } from 'commander'
import type { SeedingGoals } from '../client/seeding-goals.ts'
import { readDuration, readRatio, valueOption } from './option-parsers.ts'

export interface GoalFlags {
  readonly ratio?: number
  readonly seedTime?: number
  readonly idleTime?: number
}

export function addGoalOptions(command: Command): Command {
  return command
    .addOption(valueOption('--ratio <N>', 'seed until so many times the content was sent: 1, 2.5', readRatio))
    .addOption(valueOption('--seed-time <TIME>', 'seed for so long: 90, 30m, 12h, 7d', readDuration))
    .addOption(valueOption('--idle-time <TIME>', 'seed until nobody took anything for so long', readDuration))
}

/** Null where there are none. */
export function goalsOf({ ratio, seedTime, idleTime }: GoalFlags): SeedingGoals | null {
  const goals: SeedingGoals = {
    ...(ratio !== undefined && { ratio }),
    ...(seedTime !== undefined && { seedingTime: seedTime }),
    ...(idleTime !== undefined && { idleTime }),
  }
  return Object.keys(goals).length > 0 ? goals : null
}
