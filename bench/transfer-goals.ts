import { atLeast, atMost, below, type Goal, ratioRow, figureRow, skippedRow } from './goal-row.ts'
import type { GoalRow } from './goal-table.ts'
import type { Spread } from './spread.ts'
import type { PairSummary } from './transfer-table.ts'

type Figure = (summary: PairSummary) => Spread

interface TransferGoal {
  readonly goal: Goal
  readonly pair: string
  readonly reference: string
  readonly figure: Figure
  readonly unit: string
}

const rate: Figure = summary => summary.mibPerSecond
const leechCpu: Figure = summary => summary.leechCpu
const seedCpu: Figure = summary => summary.seedCpu

const BASE = 'libtorrent -> libtorrent'
const ARIA2 = 'libtorrent -> aria2'
const LEECH = 'libtorrent -> shoal'
const SEED = 'shoal -> libtorrent'
const BOTH = 'shoal -> shoal'
const MIB_IN_MB = 2 ** 20 / 1e6

const RATIOS: readonly TransferGoal[] = [
  goalOf('leech, beside aria2', LEECH, ARIA2, rate, atLeast(0.9), atLeast(1)),
  goalOf('leech, beside libtorrent', LEECH, BASE, rate, atLeast(1.1), atLeast(1.2)),
  goalOf('leech, CPU s/GiB', LEECH, BASE, leechCpu, atMost(1.15), atMost(0.8)),
  goalOf('seed, beside libtorrent', SEED, BASE, rate, atLeast(1.1), atLeast(1.3)),
  goalOf('seed, CPU s/GiB', SEED, BASE, seedCpu, atMost(1), atMost(0.7)),
  goalOf('shoal to shoal', BOTH, BASE, rate, atLeast(1.2), atLeast(1.5)),
]

const MEMORIES = [
  { goal: { case: 'leech, peak memory, MB', wanted: below(150) }, pair: LEECH, side: 'leechPeak' },
  { goal: { case: 'seed, peak memory, MB', wanted: below(150) }, pair: SEED, side: 'seedPeak' },
] as const

function goalOf(
  name: string,
  pair: string,
  reference: string,
  figure: Figure,
  wanted: Goal['wanted'],
  goal: Goal['goal'],
): TransferGoal {
  const unit = figure === rate ? 'MiB/s' : 's/GiB'
  return {
    goal: { case: name, ...(wanted && { wanted }), ...(goal && { goal }) },
    pair,
    reference,
    figure,
    unit,
  }
}

/** `missing`: by the name of each program that cannot run here, what to do about it. */
export function transferGoals(
  summaries: readonly PairSummary[],
  missing: ReadonlyMap<string, string>,
): GoalRow[] {
  const find = (pair: string): PairSummary | string =>
    summaries.find(summary => summary.pair === pair) ?? reasonFor(pair, missing)
  const ratios = RATIOS.map(({ goal, pair, reference, figure, unit }) => {
    const [ours, theirs] = [find(pair), find(reference)]
    if (typeof ours === 'string') return skippedRow(goal, ours)
    if (typeof theirs === 'string') return skippedRow(goal, theirs)
    const digits = figure === rate ? 0 : 2
    const [mine, other] = [figure(ours).median, figure(theirs).median]
    return ratioRow(goal, mine / other, `${mine.toFixed(digits)} beside ${other.toFixed(digits)} ${unit}`)
  })
  const memories = MEMORIES.map(({ goal, pair, side }) => {
    const ours = find(pair)
    if (typeof ours === 'string') return skippedRow(goal, ours)
    const megabytes = ours[side].median * MIB_IN_MB
    return figureRow(goal, megabytes, `${megabytes.toFixed(0)} MB`)
  })
  return [...ratios, ...memories]
}

function reasonFor(pair: string, missing: ReadonlyMap<string, string>): string {
  for (const name of pair.split(' -> ')) {
    const remedy = missing.get(name)
    if (remedy !== undefined) return `no ${name} (${remedy})`
  }
  return `${pair} was not measured`
}
