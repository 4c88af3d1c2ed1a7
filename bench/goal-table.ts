import { markdownTable } from './markdown-table.ts'

/** A bound that a figure is held against: `at-least` and `at-most` include it, `below` does not. */
export interface Bound {
  readonly kind: 'at-least' | 'at-most' | 'below'
  readonly value: number
}

/** One figure of a case, or why there is none. */
export interface GoalRow {
  readonly case: string
  /** As it is to be read, with its unit. */
  readonly measured: string
  /** What the bounds are compared with, a ratio or a figure of its own; null where nothing was measured. */
  readonly value: number | null
  readonly ratio: number | null
  readonly wanted: Bound | null
  readonly goal: Bound | null
  /** Why nothing was measured, as a missing program; null where it was. */
  readonly skipped: string | null
}

const HEADINGS = ['case', 'measured', 'ratio', 'wanted', 'goal', 'reached']

/** All cases, those that were skipped among them with the reason. */
export function goalTable(rows: readonly GoalRow[]): string {
  return markdownTable(
    HEADINGS,
    rows.map(row => [
      row.case,
      row.measured,
      row.ratio === null ? '-' : row.ratio.toFixed(2),
      formatBound(row.wanted),
      formatBound(row.goal),
      verdict(row),
    ]),
  )
}

/** What was not measured is never said to be reached. */
function verdict(row: GoalRow): string {
  if (row.skipped !== null) return `skipped: ${row.skipped}`
  const { value, wanted, goal } = row
  if (value === null || !Number.isFinite(value)) return 'not measured'
  if (wanted === null && goal === null) return '-'
  if (goal !== null && holds(goal, value)) return 'goal'
  if (wanted !== null && holds(wanted, value)) return goal === null ? 'yes' : 'wanted'
  return 'no'
}

const SIGNS = { 'at-least': '>=', 'at-most': '<=', below: '<' } as const

function holds({ kind, value: bound }: Bound, value: number): boolean {
  if (kind === 'at-least') return value >= bound
  return kind === 'at-most' ? value <= bound : value < bound
}

function formatBound(bound: Bound | null): string {
  return bound === null ? '-' : `${SIGNS[bound.kind]} ${bound.value}`
}
