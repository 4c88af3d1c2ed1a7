import type { Bound, GoalRow } from './goal-table.ts'

/** What is asked of one figure; with no bound it is reported only. */
export interface Goal {
  readonly case: string
  readonly wanted?: Bound
  readonly goal?: Bound
}

export const atLeast = (value: number): Bound => ({ kind: 'at-least', value })
export const atMost = (value: number): Bound => ({ kind: 'at-most', value })
export const below = (value: number): Bound => ({ kind: 'below', value })

/** A ratio of figures of the same run is held against the bounds. */
export function ratioRow(goal: Goal, ratio: number, measured: string): GoalRow {
  return { ...boundsOf(goal), measured, value: ratio, ratio, skipped: null }
}

/** The figure itself is held against the bounds, in the unit that they are in. */
export function figureRow(goal: Goal, value: number, measured: string): GoalRow {
  return { ...boundsOf(goal), measured, value, ratio: null, skipped: null }
}

export function skippedRow(goal: Goal, reason: string): GoalRow {
  return { ...boundsOf(goal), measured: '-', value: null, ratio: null, skipped: reason }
}

function boundsOf({ case: name, wanted, goal }: Goal): Pick<GoalRow, 'case' | 'wanted' | 'goal'> {
  return { case: name, wanted: wanted ?? null, goal: goal ?? null }
}
