import { benchCalls } from './bench-calls.ts'
import { benchHang } from './bench-hang.ts'
import { benchHash } from './bench-hash.ts'
import { benchIdle } from './bench-idle.ts'
import { benchJudge } from './bench-judge.ts'
import { benchSparse } from './bench-sparse.ts'
import { benchSwarm } from './bench-swarm.ts'
import { benchTransfer } from './bench-transfer.ts'
import { benchTrickle } from './bench-trickle.ts'
import { benchTurns } from './bench-turns.ts'
import type { CaseOptions, CaseResult } from './case-result.ts'

/** What the command line says; each case takes of it what concerns it. */
export interface BenchOptions extends CaseOptions {
  /** Of the content; null where each case is to have its own. */
  readonly length: number | null
  readonly leeches: number
  /** Peers that trickle. */
  readonly connections: number
  /** Idle ones, and the seconds for which they are watched. */
  readonly torrents: number
  readonly idleSeconds: number
  /** Another compiled build, to be measured beside it. */
  readonly against: string | null
  readonly pairs: readonly string[] | null
}

interface Case {
  readonly run: (options: BenchOptions) => CaseResult | Promise<CaseResult>
  /** It is held against what is wanted, and so part of `all`. */
  readonly hasGoals: boolean
  /** False where the sources are run. */
  readonly needsBuild: boolean
}

const MIB = 2 ** 20
const GIB = 2 ** 30
/** Of each peer that trickles. */
const TRICKLE_RATE = 1024

const measured = (run: Case['run']): Case => ({ run, hasGoals: true, needsBuild: true })

/** All that can be measured, in the order in which it is. */
export const CASES: Readonly<Record<string, Case>> = {
  transfer: measured(options => benchTransfer({ ...options, length: options.length ?? GIB })),
  swarm: measured(options => benchSwarm({ ...options, length: options.length ?? 256 * MIB })),
  trickle: measured(options => {
    const trickle = { connections: options.connections, bytesPerSecond: TRICKLE_RATE }
    return benchTrickle({ ...options, trickle, length: options.length ?? GIB })
  }),
  hash: measured(options => benchHash({ ...options, length: options.length ?? 4 * GIB })),
  idle: measured(benchIdle),
  turns: measured(options => benchTurns({ ...options, length: options.length ?? GIB })),
  hang: measured(benchHang),
  sparse: measured(options => benchSparse({ ...options, length: options.length ?? 2 * GIB })),
  calls: measured(options => benchCalls({ ...options, length: options.length ?? 256 * MIB })),
  judge: {
    run: options => benchJudge({ ...options, length: options.length ?? 64 * MIB }),
    hasGoals: false,
    needsBuild: false,
  },
}
