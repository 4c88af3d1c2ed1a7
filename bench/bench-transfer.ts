import { resolve } from 'node:path'
import { makeContent } from './bench-content.ts'
import type { CaseOptions, CaseResult } from './case-result.ts'
import { formatMachine, thisMachine } from './machine.ts'
import { nameOf, type Pair, transferOnce, type TransferSample } from './transfer.ts'
import { aria2Program, libtorrentProgram, shoalProgram } from './transfer-programs.ts'
import { transferGoals } from './transfer-goals.ts'
import { formatTable, summarize } from './transfer-table.ts'

export interface TransferBenchOptions extends CaseOptions {
  readonly length: number
  /** Another compiled build, to be measured beside it. */
  readonly against: string | null
  /** `seed:leech` names; null for all pairs. */
  readonly pairs: readonly string[] | null
}

/**
 * Measures all pairs in turn, round after round, so that what disturbs the machine disturbs all of them. The round
 * before the first warms up (memory that was never touched is slow), is not counted, and checks what was received.
 */
export async function benchTransfer(options: TransferBenchOptions): Promise<CaseResult> {
  const missing = new Map<string, string>()
  const pairs = pairsThatRun(options, missing)
  const content = makeContent(options.folder, options.length)
  const results = pairs.map(pair => ({ pair, samples: [] as TransferSample[] }))
  try {
    for (let round = 0; round <= options.rounds; round++) {
      for (const { pair, samples } of results) {
        const sample = await transferOnce(pair, content, { isCompared: round === 0 })
        if (round > 0) samples.push(sample)
        const title = round === 0 ? 'warm-up' : `round ${round}/${options.rounds}`
        console.error(`${title}  ${nameOf(pair)}: ${sample.mibPerSecond.toFixed(0)} MiB/s`)
      }
    }
  } finally {
    content.remove()
  }
  return report(options, results, missing)
}

function report(
  options: TransferBenchOptions,
  results: readonly { readonly pair: Pair; readonly samples: readonly TransferSample[] }[],
  missing: ReadonlyMap<string, string>,
): CaseResult {
  const machine = thisMachine()
  const samples = results.map(result => ({ pair: nameOf(result.pair), samples: result.samples }))
  const summaries = summarize(samples, 'libtorrent -> libtorrent')
  const all = new Set(results.flatMap(({ pair }) => [pair.seed, pair.leech]))
  const programs = [...all].map(({ name, version }) => `${name} (${version})`).join(', ')
  const { length, rounds } = options
  console.log(
    `\n${length / 2 ** 20} MiB, one seed, one leech, TCP over loopback, files in ${options.folder}, ${rounds} rounds: median (min-max)`,
  )
  console.log(`${formatMachine(machine)}; ${programs}\n\n${formatTable(summaries)}`)
  return {
    goals: transferGoals(summaries, missing),
    measured: { machine, programs, length, rounds, summaries, samples },
  }
}

/** Says what is missing, and notes it in `missing`; throws where nothing is left. */
function pairsThatRun({ build, against, pairs }: TransferBenchOptions, missing: Map<string, string>): Pair[] {
  const libtorrent = libtorrentProgram()
  const shoal = shoalProgram('shoal', resolve(build))
  const others = against === null ? [] : [shoalProgram('other', resolve(against))]
  const all = [
    { seed: libtorrent, leech: libtorrent },
    ...[shoal, ...others].flatMap(ours => [
      { seed: libtorrent, leech: ours },
      { seed: ours, leech: libtorrent },
      { seed: ours, leech: ours },
    ]),
    { seed: libtorrent, leech: aria2Program() },
  ].filter(({ seed, leech }) => pairs === null || pairs.includes(`${seed.name}:${leech.name}`))
  for (const { seed, leech } of all) {
    for (const { name, version, remedy } of [seed, leech]) if (version === null) missing.set(name, remedy)
  }
  for (const [name, remedy] of missing) {
    console.error(`${name} cannot take part (${remedy}): its pairs are left out`)
  }
  const left = all.filter(({ seed, leech }) => !missing.has(seed.name) && !missing.has(leech.name))
  if (left.length === 0) throw new Error('nothing is left to measure')
  return left
}
