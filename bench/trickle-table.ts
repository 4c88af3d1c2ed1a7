import { atLeast, ratioRow, skippedRow } from './goal-row.ts'
import type { GoalRow } from './goal-table.ts'
import { markdownTable } from './markdown-table.ts'
import { formatSpread, type Spread, spreadOf } from './spread.ts'
import type { TransferSample } from './transfer.ts'

/** The same transfer twice: from the fast seed alone, and with peers that trickle beside it. */
export interface TrickleSample {
  readonly alone: TransferSample
  readonly beside: TransferSample
}

/** All samples of one leech. */
export interface TrickleResult {
  readonly name: string
  readonly samples: readonly TrickleSample[]
}

export interface TrickleSummary {
  readonly name: string
  /** MiB/s. */
  readonly alone: Spread
  readonly beside: Spread
  /** The second by the first, of the medians: 1 is that nothing was lost. */
  readonly ratio: number
  /** How many of those that trickle the leech had at a time. */
  readonly most: Spread
  readonly cpuAlone: Spread
  readonly cpuBeside: Spread
  readonly peakAlone: Spread
  readonly peakBeside: Spread
}

export function summarizeTrickles(results: readonly TrickleResult[]): TrickleSummary[] {
  return results
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, samples }) => {
      const spread = (value: (sample: TrickleSample) => number): Spread => spreadOf(samples.map(value))
      const alone = spread(sample => sample.alone.mibPerSecond)
      const beside = spread(sample => sample.beside.mibPerSecond)
      return {
        name,
        alone,
        beside,
        ratio: beside.median / alone.median,
        most: spread(sample => sample.beside.trickled?.most ?? 0),
        cpuAlone: spread(sample => sample.alone.leech.cpuSecondsPerGib),
        cpuBeside: spread(sample => sample.beside.leech.cpuSecondsPerGib),
        peakAlone: spread(sample => sample.alone.leech.peakMib),
        peakBeside: spread(sample => sample.beside.leech.peakMib),
      }
    })
}

const HEADINGS = [
  'leech',
  'alone, MiB/s',
  'beside, MiB/s',
  'ratio',
  'it had of them',
  'alone, CPU s/GiB',
  'beside, CPU s/GiB',
  'alone, peak MiB',
  'beside, peak MiB',
]

/** Medians, and the smallest and largest behind them. */
export function formatTrickles(summaries: readonly TrickleSummary[]): string {
  const rows = summaries.map(summary => [
    summary.name,
    formatSpread(summary.alone, 0),
    formatSpread(summary.beside, 0),
    summary.ratio.toFixed(2),
    formatSpread(summary.most, 0),
    formatSpread(summary.cpuAlone, 2),
    formatSpread(summary.cpuBeside, 2),
    formatSpread(summary.peakAlone, 0),
    formatSpread(summary.peakBeside, 0),
  ])
  return markdownTable(HEADINGS, rows)
}

const GOAL = { case: 'trickle, beside the fast seed alone', wanted: atLeast(0.9) }

export function trickleGoals(summaries: readonly TrickleSummary[]): GoalRow[] {
  const ours = summaries.find(({ name }) => name === 'shoal')
  if (!ours) return [skippedRow(GOAL, 'no compiled build')]
  const rates = `${ours.beside.median.toFixed(0)} beside ${ours.alone.median.toFixed(0)} MiB/s`
  return [ratioRow(GOAL, ours.ratio, rates)]
}
