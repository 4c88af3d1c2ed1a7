import { atMost, ratioRow, skippedRow } from './goal-row.ts'
import type { GoalRow } from './goal-table.ts'
import { markdownTable } from './markdown-table.ts'
import { formatSpread, type Spread, spreadOf } from './spread.ts'
import type { SwarmSample } from './swarm.ts'

/** All samples of the swarms of one program. */
export interface SwarmResult {
  readonly name: string
  readonly samples: readonly SwarmSample[]
}

export interface SwarmSummary {
  readonly name: string
  /** Seconds until the last leech, the median leech and the first leech was done. */
  readonly last: Spread
  readonly middle: Spread
  readonly first: Spread
  /** Of the medians of the last: above 1 is later. Null where the reference did not run. */
  readonly ratio: number | null
  readonly seedSent: Spread
  readonly seedCpu: Spread
  readonly leechesCpu: Spread
  readonly leechPeak: Spread
  readonly seedPeak: Spread
}

/** `reference`: the program that the others are measured by. */
export function summarizeSwarms(results: readonly SwarmResult[], reference: string): SwarmSummary[] {
  const last = (sample: SwarmSample): number => sample.doneAfter.at(-1)!
  const base = results.find(({ name, samples }) => name === reference && samples.length > 0)
  const baseLast = base ? spreadOf(base.samples.map(last)).median : null
  return results
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, samples }) => {
      const spread = (value: (sample: SwarmSample) => number): Spread => spreadOf(samples.map(value))
      return {
        name,
        last: spread(last),
        middle: spread(sample => spreadOf(sample.doneAfter).median),
        first: spread(sample => sample.doneAfter[0]!),
        ratio: baseLast === null ? null : spread(last).median / baseLast,
        seedSent: spread(sample => sample.seedSent),
        seedCpu: spread(sample => sample.seedCpuSeconds),
        leechesCpu: spread(sample => sample.leechesCpuSeconds),
        leechPeak: spread(sample => sample.leechPeakMib),
        seedPeak: spread(sample => sample.seedPeakMib),
      }
    })
}

const HEADINGS = [
  'throughout',
  'last leech, s',
  'ratio',
  'median leech, s',
  'first leech, s',
  'seed sent it, times',
  'seed CPU s',
  'leeches CPU s',
  'leech peak MiB',
  'seed peak MiB',
]

/** Medians, and the smallest and largest behind them. */
export function formatSwarms(summaries: readonly SwarmSummary[]): string {
  const rows = summaries.map(summary => [
    summary.name,
    formatSpread(summary.last, 2),
    summary.ratio?.toFixed(2) ?? '-',
    formatSpread(summary.middle, 2),
    formatSpread(summary.first, 2),
    formatSpread(summary.seedSent, 2),
    formatSpread(summary.seedCpu, 2),
    formatSpread(summary.leechesCpu, 2),
    formatSpread(summary.leechPeak, 0),
    formatSpread(summary.seedPeak, 0),
  ])
  return markdownTable(HEADINGS, rows)
}

const GOAL = { case: 'swarm, last leech', wanted: atMost(1.2), goal: atMost(1) }

/** `missing`: what to do where libtorrent cannot run. */
export function swarmGoals(summaries: readonly SwarmSummary[], missing: string): GoalRow[] {
  const ours = summaries.find(({ name }) => name === 'shoal')
  const theirs = summaries.find(({ name }) => name === 'libtorrent')
  if (!ours || ours.ratio === null || !theirs) return [skippedRow(GOAL, `no libtorrent (${missing})`)]
  const times = `${ours.last.median.toFixed(2)} beside ${theirs.last.median.toFixed(2)} s`
  return [ratioRow(GOAL, ours.ratio, times)]
}
