import type { TransferSample } from './transfer.ts'

/** All samples of one pair of programs. */
export interface PairResult {
  readonly pair: string
  readonly samples: readonly TransferSample[]
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
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

/** Of an even number, the mean of the two in the middle. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)! }
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

/** A Markdown table that is also readable as it stands: medians, and the smallest and largest behind them. */
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
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map(row => row[column]!.length)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [line(HEADINGS), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function formatSpread({ median, min, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`
}
