import { markdownTable } from './markdown-table.ts'
import { formatSpread, type Spread, spreadOf } from './spread.ts'
import type { TransferSample } from './transfer.ts'

/** All samples of one pair of programs. */
export interface PairResult {
  readonly pair: string
  readonly samples: readonly TransferSample[]
}

export interface PairSummary {
  readonly pair: string
  readonly rounds: number
  readonly mibPerSecond: Spread
  /** Of the medians; null where the reference did not run. */
  readonly ratio: number | null
  readonly leechCpu: Spread
  readonly seedCpu: Spread
  readonly leechPeak: Spread
  readonly seedPeak: Spread
}

/** `reference`: the pair that the others are measured by. */
export function summarize(results: readonly PairResult[], reference: string): PairSummary[] {
  const base = results.find(({ pair, samples }) => pair === reference && samples.length > 0)
  const baseRate = base ? spreadOf(base.samples.map(sample => sample.mibPerSecond)).median : null
  return results
    .filter(({ samples }) => samples.length > 0)
    .map(({ pair, samples }) => {
      const spread = (value: (sample: TransferSample) => number): Spread => spreadOf(samples.map(value))
      const mibPerSecond = spread(sample => sample.mibPerSecond)
      return {
        pair,
        rounds: samples.length,
        mibPerSecond,
        ratio: baseRate === null ? null : mibPerSecond.median / baseRate,
        leechCpu: spread(sample => sample.leech.cpuSecondsPerGib),
        seedCpu: spread(sample => sample.seed.cpuSecondsPerGib),
        leechPeak: spread(sample => sample.leech.peakMib),
        seedPeak: spread(sample => sample.seed.peakMib),
      }
    })
}

const HEADINGS = [
  'seed -> leech',
  'MiB/s',
  'ratio',
  'leech CPU s/GiB',
  'seed CPU s/GiB',
  'leech peak MiB',
  'seed peak MiB',
]

/** Medians, and the smallest and largest behind them. */
export function formatTable(summaries: readonly PairSummary[]): string {
  const rows = summaries.map(({ pair, mibPerSecond, ratio, leechCpu, seedCpu, leechPeak, seedPeak }) => [
    pair,
    formatSpread(mibPerSecond, 0),
    ratio?.toFixed(2) ?? '-',
    formatSpread(leechCpu, 2),
    formatSpread(seedCpu, 2),
    formatSpread(leechPeak, 0),
    formatSpread(seedPeak, 0),
  ])
  return markdownTable(HEADINGS, rows)
}
