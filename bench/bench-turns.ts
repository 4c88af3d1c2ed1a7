import { resolve } from 'node:path'
import { makeContent } from './bench-content.ts'
import type { CaseOptions, CaseResult } from './case-result.ts'
import { below, figureRow } from './goal-row.ts'
import { formatMachine, thisMachine } from './machine.ts'
import { markdownTable } from './markdown-table.ts'
import { formatSpread, type Spread, spreadOf } from './spread.ts'
import { shoalProgram } from './transfer-programs.ts'
import { type TurnFigures, turnsOnce, type TurnsSample } from './turns-once.ts'

const SIDES = ['leech', 'seed'] as const

export interface TurnsBenchOptions extends CaseOptions {
  readonly length: number
}

/** Measures how long a session holds its thread at a time, at full speed: the longest synchronous turns. */
export async function benchTurns(options: TurnsBenchOptions): Promise<CaseResult> {
  const { length, rounds, folder, build } = options
  const shoal = shoalProgram('shoal', resolve(build))
  const content = makeContent(folder, length)
  const samples: TurnsSample[] = []
  try {
    for (let round = 0; round <= rounds; round++) {
      const sample = await turnsOnce(shoal, content)
      if (round > 0) samples.push(sample)
      const title = round === 0 ? 'warm-up' : `round ${round}/${rounds}`
      const { leech, seed } = sample
      console.error(`${title}  p99 leech ${leech.p99.toFixed(2)} ms, seed ${seed.p99.toFixed(2)} ms`)
    }
  } finally {
    content.remove()
  }
  return report(options, samples)
}

function report({ length, rounds, folder }: TurnsBenchOptions, samples: TurnsSample[]): CaseResult {
  const machine = thisMachine()
  const spread = (side: keyof Omit<TurnsSample, 'mibPerSecond'>, figure: keyof TurnFigures): Spread =>
    spreadOf(samples.map(sample => sample[side][figure]))
  const rate = spreadOf(samples.map(sample => sample.mibPerSecond))
  const loopOf = (side: 'leech' | 'seed' | 'idle'): string => formatSpread(spread(side, 'loopP99'), 2)
  const rows = SIDES.map(side => [
    side,
    formatSpread(spread(side, 'turns'), 0),
    ...(['p50', 'p99', 'max'] as const).map(figure => formatSpread(spread(side, figure), 3)),
    loopOf(side),
  ])
  console.log(
    `\n${length / 2 ** 20} MiB, shoal -> shoal at ${formatSpread(rate, 0)} MiB/s, files in ${folder}, ${rounds} rounds: median (min-max), ms\n${formatMachine(machine)}\n`,
  )
  console.log(
    markdownTable(
      ['process', 'turns', 'turn p50', 'turn p99', 'turn max', 'loop delay p99'],
      [...rows, ['idle', '-', '-', '-', '-', loopOf('idle')]],
    ),
  )
  const goals = SIDES.flatMap(side => {
    const { median } = spread(side, 'p99')
    const loop = spread(side, 'loopP99').median
    const idle = spread('idle', 'loopP99').median
    return [
      figureRow(
        { case: `turns of a ${side}, p99, ms`, wanted: below(10) },
        median,
        `${median.toFixed(2)} ms, max ${spread(side, 'max').median.toFixed(1)} ms`,
      ),
      figureRow(
        { case: `loop delay of a ${side}, p99` },
        loop,
        `${loop.toFixed(2)} ms beside ${idle.toFixed(2)} ms idle`,
      ),
    ]
  })
  return { goals, measured: { machine, length, rounds, samples } }
}
