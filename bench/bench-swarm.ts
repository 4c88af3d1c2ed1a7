import { resolve } from 'node:path'
import { makeContent } from './bench-content.ts'
import type { CaseOptions, CaseResult } from './case-result.ts'
import { formatMachine, thisMachine } from './machine.ts'
import { type SwarmSample, swarmOnce } from './swarm.ts'
import { formatSwarms, summarizeSwarms, swarmGoals, type SwarmResult } from './swarm-table.ts'
import { libtorrentProgram, programsThatRun, shoalProgram } from './transfer-programs.ts'

export interface SwarmBenchOptions extends CaseOptions {
  readonly length: number
  readonly leeches: number
  /** Another compiled build, to be measured beside it. */
  readonly against: string | null
}

/** Measures a swarm of each program in turn, round after round; the round before the first warms up and compares. */
export async function benchSwarm(options: SwarmBenchOptions): Promise<CaseResult> {
  const { length, leeches, rounds, folder, build, against } = options
  const programs = programsThatRun([
    libtorrentProgram(),
    shoalProgram('shoal', resolve(build)),
    ...(against === null ? [] : [shoalProgram('other', resolve(against))]),
  ])
  const content = makeContent(folder, length, 1 + leeches)
  const results = programs.map(program => ({ program, samples: [] as SwarmSample[] }))
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const { program, samples } of results) {
        const sample = await swarmOnce(program, content, { leeches, isCompared: round === 0 })
        if (round > 0) samples.push(sample)
        const title = round === 0 ? 'warm-up' : `round ${round}/${rounds}`
        console.error(
          `${title}  ${program.name}: ${sample.doneAfter.map(each => each.toFixed(2)).join(' ')} s`,
        )
      }
    }
  } finally {
    content.remove()
  }
  return report(
    options,
    results.map(({ program, samples }) => ({ name: program.name, samples })),
    programs.map(({ name, version }) => `${name} (${version})`).join(', '),
  )
}

function report(options: SwarmBenchOptions, results: readonly SwarmResult[], programs: string): CaseResult {
  const { length, leeches, rounds, folder } = options
  const machine = thisMachine()
  const summaries = summarizeSwarms(results, 'libtorrent')
  console.log(
    `\n${length / 2 ** 20} MiB, one seed, ${leeches} leeches, TCP over loopback, files in ${folder}, ${rounds} rounds: median (min-max)`,
  )
  console.log(`${formatMachine(machine)}; ${programs}\n\n${formatSwarms(summaries)}`)
  return {
    goals: swarmGoals(summaries, libtorrentProgram().remedy),
    measured: { machine, programs, length, leeches, rounds, summaries, results },
  }
}
