import type { CaseOptions, CaseResult } from './case-result.ts'
import { atLeast, ratioRow, skippedRow } from './goal-row.ts'
import { whyNoHangingDisk } from './hanging-disk.ts'
import { hangOnce, type HangPlan, type HangSample } from './hang-once.ts'
import { formatMachine, thisMachine } from './machine.ts'
import { markdownTable } from './markdown-table.ts'
import { formatSpread, type Spread, spreadOf } from './spread.ts'

const MIB = 2 ** 20
const TORRENTS = 4
const RATE = 24 * MIB
/** ms */
const WINDOW = 10_000

const GOAL = { case: 'a disk that hangs for 10 s, the others', wanted: atLeast(0.9) }

/** Measures what the torrents of a leech get with a disk that hangs under one of them and without, in turn. */
export async function benchHang(options: CaseOptions): Promise<CaseResult> {
  const { rounds, folder, build } = options
  const reason = whyNoHangingDisk()
  if (reason !== null) return { goals: [skippedRow(GOAL, reason)], measured: { skipped: reason } }
  const plan: HangPlan = { torrents: TORRENTS, bytesPerSecond: RATE, window: WINDOW, build }
  const samples = { without: [] as HangSample[], hangs: [] as HangSample[] }
  for (let round = 0; round <= rounds; round++) {
    for (const which of ['without', 'hangs'] as const) {
      const sample = await hangOnce(folder, plan, which === 'hangs')
      if (round > 0) samples[which].push(sample)
      const title = round === 0 ? 'warm-up' : `round ${round}/${rounds}`
      const { mibPerSecond, ownMibPerSecond } = sample
      console.error(
        `${title}  ${which}: the others ${mibPerSecond.toFixed(1)} MiB/s, itself ${ownMibPerSecond.toFixed(1)}`,
      )
    }
  }
  return report(options, plan, samples)
}

function report(
  { rounds, folder }: CaseOptions,
  plan: HangPlan,
  samples: Readonly<Record<'without' | 'hangs', readonly HangSample[]>>,
): CaseResult {
  const machine = thisMachine()
  const spread = (which: 'without' | 'hangs', figure: keyof HangSample): Spread =>
    spreadOf(samples[which].map(sample => sample[figure]))
  const row = (title: string, which: 'without' | 'hangs'): string[] => [
    title,
    ...(['mibPerSecond', 'ownMibPerSecond', 'afterMibPerSecond'] as const).map(figure =>
      formatSpread(spread(which, figure), 1),
    ),
  ]
  console.log(
    `\nshoal with ${plan.torrents} torrents at ${plan.bytesPerSecond / MIB} MiB/s each, one of them on a disk of its own, frozen for ${plan.window / 1000} s; files in ${folder}, ${rounds} rounds: median (min-max)\n${formatMachine(machine)}\n`,
  )
  console.log(
    markdownTable(
      ['disk', 'the others, MiB/s', 'itself, MiB/s', 'the others after, MiB/s'],
      [row('as ever', 'without'), row('hangs', 'hangs')],
    ),
  )
  const [hung, usual] = [spread('hangs', 'mibPerSecond').median, spread('without', 'mibPerSecond').median]
  const rates = `${hung.toFixed(1)} beside ${usual.toFixed(1)} MiB/s`
  return { goals: [ratioRow(GOAL, hung / usual, rates)], measured: { machine, plan, rounds, samples } }
}
