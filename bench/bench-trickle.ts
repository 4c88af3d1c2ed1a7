import { resolve } from 'node:path'
import { makeContent } from './bench-content.ts'
import type { CaseOptions, CaseResult } from './case-result.ts'
import { formatMachine, thisMachine } from './machine.ts'
import { type Trickle, transferOnce } from './transfer.ts'
import { libtorrentProgram, programsThatRun, shoalProgram } from './transfer-programs.ts'
import {
  formatTrickles,
  summarizeTrickles,
  trickleGoals,
  type TrickleResult,
  type TrickleSample,
} from './trickle-table.ts'

export interface TrickleBenchOptions extends CaseOptions {
  readonly length: number
  readonly trickle: Trickle
  /** Another compiled build, to be measured beside it. */
  readonly against: string | null
}

/**
 * Measures each leech with a fast seed alone, and with the same seed and peers that trickle, in turn. The seed is
 * always ours: it is the fastest, and so there is most to lose.
 */
export async function benchTrickle(options: TrickleBenchOptions): Promise<CaseResult> {
  const { length, rounds, folder, build, against } = options
  const shoal = shoalProgram('shoal', resolve(build))
  const leeches = programsThatRun([
    libtorrentProgram(),
    shoal,
    ...(against === null ? [] : [shoalProgram('other', resolve(against))]),
  ])
  const content = makeContent(folder, length)
  const results = leeches.map(leech => ({ leech, samples: [] as TrickleSample[] }))
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const { leech, samples } of results) {
        const pair = { seed: shoal, leech }
        const isCompared = round === 0
        const alone = await transferOnce(pair, content, { isCompared })
        const beside = await transferOnce(pair, content, { isCompared, trickle: options.trickle })
        if (round > 0) samples.push({ alone, beside })
        const title = round === 0 ? 'warm-up' : `round ${round}/${rounds}`
        const rates = `${alone.mibPerSecond.toFixed(0)} alone, ${beside.mibPerSecond.toFixed(0)} MiB/s`
        console.error(`${title}  ${leech.name}: ${rates} beside ${beside.trickled?.most} that trickle`)
      }
    }
  } finally {
    content.remove()
  }
  return report(
    options,
    results.map(({ leech, samples }) => ({ name: leech.name, samples })),
    leeches.map(({ name, version }) => `${name} (${version})`).join(', '),
  )
}

function report(
  options: TrickleBenchOptions,
  results: readonly TrickleResult[],
  programs: string,
): CaseResult {
  const { length, trickle, rounds, folder } = options
  const machine = thisMachine()
  const summaries = summarizeTrickles(results)
  console.log(
    `\n${length / 2 ** 20} MiB, one fast seed (shoal), alone and with ${trickle.connections} that send ${trickle.bytesPerSecond} bytes/s each, TCP over loopback, files in ${folder}, ${rounds} rounds: median (min-max)`,
  )
  console.log(`${formatMachine(machine)}; ${programs}\n\n${formatTrickles(summaries)}`)
  return {
    goals: trickleGoals(summaries),
    measured: { machine, programs, length, trickle, rounds, summaries, results },
  }
}
