import { rmSync } from 'node:fs'
import type { CaseOptions, CaseResult } from './case-result.ts'
import { atMost, below, type Goal, figureRow } from './goal-row.ts'
import type { GoalRow } from './goal-table.ts'
import { idleOnce, type IdlePlan, type IdleSample, makeIdleTorrents } from './idle-once.ts'
import { formatMachine, thisMachine } from './machine.ts'
import { markdownTable } from './markdown-table.ts'
import { formatSpread, type Spread, spreadOf } from './spread.ts'

/** Of each torrent. */
const PIECES = 1000

const START: Goal = { case: 'idle torrents, start, s', wanted: atMost(10) }
const HASHED: Goal = { case: 'idle torrents, pieces hashed again', wanted: atMost(0) }
const MEMORY: Goal = { case: 'idle torrents, bytes each', wanted: atMost(10_000) }
const SHARE: Goal = { case: 'idle torrents, % of a core', wanted: below(2) }

export interface IdleBenchOptions extends CaseOptions {
  readonly torrents: number
  readonly idleSeconds: number
}

/** Starts them again and again with what is remembered of them. Making them is the warm-up: no round is left out. */
export async function benchIdle(options: IdleBenchOptions): Promise<CaseResult> {
  const { rounds, folder } = options
  const plan: IdlePlan = { ...options, pieces: PIECES }
  console.error(`making ${plan.torrents} torrents`)
  const place = await makeIdleTorrents(folder, plan)
  const samples: IdleSample[] = []
  try {
    for (let round = 1; round <= rounds; round++) {
      const sample = await idleOnce(place, plan)
      samples.push(sample)
      const { startSeconds, bytesEach } = sample
      console.error(
        `round ${round}/${rounds}  started in ${startSeconds.toFixed(1)} s, ${bytesEach.toFixed(0)} bytes each`,
      )
    }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
  return report(plan, options, samples)
}

function report(plan: IdlePlan, { rounds, folder }: IdleBenchOptions, samples: IdleSample[]): CaseResult {
  const machine = thisMachine()
  const spread = (value: (sample: IdleSample) => number): Spread => spreadOf(samples.map(value))
  const start = spread(sample => sample.startSeconds)
  const memory = spread(sample => sample.bytesEach)
  const share = spread(sample => 100 * sample.idleShare)
  const hashed = spread(sample => sample.hashedPieces)
  console.log(
    `\n${plan.torrents} torrents of ${PIECES} pieces in sparse files in ${folder}, a tracker on this machine, no DHT, ${plan.idleSeconds} s of doing nothing, ${rounds} rounds: median (min-max)\n${formatMachine(machine)}\n`,
  )
  const figures = [
    ['started, s', formatSpread(start, 1)],
    [
      'CPU until then, s',
      formatSpread(
        spread(sample => sample.startCpuSeconds),
        1,
      ),
    ],
    [
      'peak of the process, MiB',
      formatSpread(
        spread(sample => sample.peakMib),
        0,
      ),
    ],
    ['pieces hashed again', formatSpread(hashed, 0)],
    ['at rest and announced, bytes each', formatSpread(memory, 0)],
    ['doing nothing, % of a core', formatSpread(share, 2)],
  ]
  console.log(markdownTable(['figure', 'value'], figures))
  const { torrents } = plan
  const goals: GoalRow[] = [
    figureRow(START, start.median, `${start.median.toFixed(1)} s for ${torrents}`),
    figureRow(HASHED, hashed.max, `${hashed.max}`),
    figureRow(MEMORY, memory.median, `${memory.median.toFixed(0)} bytes`),
    figureRow(SHARE, share.median, `${share.median.toFixed(2)} % with ${torrents}`),
  ]
  return { goals, measured: { machine, plan, rounds, samples } }
}
