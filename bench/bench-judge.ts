import { type MixedFigures, runMixedSwarm } from '../test/sim/mixed-swarm.ts'
import type { CaseResult } from './case-result.ts'
import { markdownTable } from './markdown-table.ts'

const KIB = 1024
const PEERS = 100
const CHEATS = 10

export interface JudgeBenchOptions {
  readonly length: number
  /** Each is told with another seed, from 1 on. */
  readonly rounds: number
}

interface Judged {
  readonly story: string
  readonly seed: number
  readonly figures: MixedFigures
}

/**
 * Judges how a swarm of ours plays, in virtual time: completion against the flow bound (`test/sim/swarm-bound.ts`),
 * and what those get who take and never give. A seed gives the same figures on every machine.
 */
export async function benchJudge(options: JudgeBenchOptions): Promise<CaseResult> {
  const { length, rounds } = options
  const common = { peers: PEERS, length, pieceLength: 256 * KIB }
  const judged: Judged[] = []
  for (let seed = 1; seed <= rounds; seed++) {
    for (const [story, swarm] of [
      ['all are honest', { cheats: 0 }],
      ['all are honest and leave', { cheats: 0, areLeaving: true }],
      [`${CHEATS} cheat`, { cheats: CHEATS }],
    ] as const) {
      const figures = await runMixedSwarm({ ...common, ...swarm, seed })
      judged.push({ story, seed, figures })
      console.error(`seed ${seed}, ${story}: the mean is complete after ${figures.mean.toFixed(0)} s`)
    }
  }
  console.log(
    `\n${PEERS} honest leeches (10 % fast lines, 60 % homes, 30 % slow), one seed, ${length / KIB / KIB} MiB, virtual time\n`,
  )
  console.log(
    markdownTable(
      [
        'swarm',
        'seed',
        'mean, s (of bound)',
        'last, s (of bound)',
        'fast / home / slow, s',
        'upload to cheats (heads)',
        'cheats have at half / end',
        'copies of seed',
        'wasted',
      ],
      judged.map(rowOf),
    ),
  )
  return { goals: [], measured: { ...common, judged } }
}

function rowOf({ story, seed, figures: f }: Judged): string[] {
  return [
    story,
    String(seed),
    `${f.mean.toFixed(0)} (${(f.mean / f.bound.mean).toFixed(2)})`,
    `${f.last.toFixed(0)} (${(f.last / f.bound.last).toFixed(2)})`,
    `${f.means.fast.toFixed(0)} / ${f.means.home.toFixed(0)} / ${f.means.slow.toFixed(0)}`,
    `${percent(f.cheatShare)} (${percent(f.cheatHeads)})`,
    `${percent(f.cheatsAtHalf)} / ${percent(f.cheatsAtEnd)}`,
    f.copiesOfSeed.toFixed(2),
    percent(f.wasted),
  ]
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
