import { atLeast, type Goal, ratioRow, skippedRow } from './goal-row.ts'
import type { GoalRow } from './goal-table.ts'
import type { Spread } from './spread.ts'

/** The medians of one program, as the table of the case has them. */
export interface HashFigures {
  readonly name: string
  readonly seconds: Spread
  /** The time of the program that it is compared with, by its own; null where that one did not run. */
  readonly ratio: number | null
}

const GOALS: readonly { readonly goal: Goal; readonly name: string; readonly beside: string }[] = [
  {
    goal: { case: 'create, v1', wanted: atLeast(1) },
    name: 'shoal create, v1',
    beside: 'mktorrent -t 2, v1',
  },
  {
    goal: { case: 'verify, v1', wanted: atLeast(1) },
    name: 'shoal verify, v1',
    beside: 'mktorrent -t 2, v1',
  },
  {
    goal: { case: 'create, hybrid', wanted: atLeast(1.5) },
    name: 'shoal create, hybrid',
    beside: 'libtorrent, hybrid',
  },
  {
    goal: { case: 'verify, hybrid', wanted: atLeast(1.5) },
    name: 'shoal verify, hybrid',
    beside: 'libtorrent, hybrid',
  },
]

/** `missing`: by the name of each program that cannot run here, what to do about it. */
export function hashGoals(rows: readonly HashFigures[], missing: ReadonlyMap<string, string>): GoalRow[] {
  return GOALS.map(({ goal, name, beside }) => {
    const ours = rows.find(row => row.name === name)
    const other = rows.find(row => row.name === beside)
    if (!ours || ours.ratio === null || !other)
      return skippedRow(goal, `no ${beside} (${missing.get(beside) ?? 'not measured'})`)
    return ratioRow(
      goal,
      ours.ratio,
      `${ours.seconds.median.toFixed(2)} beside ${other.seconds.median.toFixed(2)} s`,
    )
  })
}
