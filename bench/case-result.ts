import type { GoalRow } from './goal-table.ts'

/** What a case has to say, beside the tables that it has printed itself. */
export interface CaseResult {
  /** Its rows of the table that holds every case against what is wanted. */
  readonly goals: readonly GoalRow[]
  /** Everything that was measured, as JSON has it. */
  readonly measured: Readonly<Record<string, unknown>>
}

/** Of all cases that are measured on the compiled build. */
export interface CaseOptions {
  readonly rounds: number
  /** Where the files lie. */
  readonly folder: string
  /** The compiled build. */
  readonly build: string
}
