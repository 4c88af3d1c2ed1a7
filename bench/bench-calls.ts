import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type BenchContent, makeContent } from './bench-content.ts'
import { type CallCounts, countCalls } from './call-counts.ts'
import type { CaseOptions, CaseResult } from './case-result.ts'
import { figureRow, skippedRow } from './goal-row.ts'
import type { GoalRow } from './goal-table.ts'
import { formatMachine, thisMachine } from './machine.ts'
import { markdownTable } from './markdown-table.ts'
import { formatSpread, type Spread, spreadOf } from './spread.ts'
import { transferOnce } from './transfer.ts'
import { libtorrentProgram, shoalProgram, type TransferProgram } from './transfer-programs.ts'

const GIB = 2 ** 30
const SIDES = ['leech', 'seed'] as const

type Side = (typeof SIDES)[number]

export interface CallsBenchOptions extends CaseOptions {
  readonly length: number
}

interface Traced {
  readonly side: Side
  readonly program: TransferProgram
  readonly samples: CallCounts[]
}

/**
 * Counts the system calls of each program as leech and as seed, one side traced at a time; the other side is libtorrent
 * where it is there. Times mean nothing here.
 */
export async function benchCalls(options: CallsBenchOptions): Promise<CaseResult> {
  const { length, rounds, folder, build } = options
  if (spawnSync('strace', ['-V']).error) {
    const reason = 'no strace (apt-get install strace)'
    return { goals: SIDES.map(side => skippedRow(goalOf(side), reason)), measured: { skipped: reason } }
  }
  const shoal = shoalProgram('shoal', resolve(build))
  const libtorrent = libtorrentProgram()
  const programs = libtorrent.version === null ? [shoal] : [libtorrent, shoal]
  const other = programs[0]!
  const traced: Traced[] = SIDES.flatMap(side => programs.map(program => ({ side, program, samples: [] })))
  const content = makeContent(folder, length)
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const { side, program, samples } of traced) {
        const counts = await traceOnce(side, program, other, content)
        if (round > 0) samples.push(counts)
        const title = round === 0 ? 'warm-up' : `round ${round}/${rounds}`
        console.error(`${title}  ${program.name} as ${side}: ${counts.all} calls`)
      }
    }
  } finally {
    content.remove()
  }
  return report(options, traced)
}

async function traceOnce(
  side: Side,
  program: TransferProgram,
  other: TransferProgram,
  content: BenchContent,
): Promise<CallCounts> {
  const trace = join(content.folder, 'trace')
  const strace = ['strace', '-f', '-qq', '-ttt', '-s', '0', '-o', trace, '--']
  const observed: TransferProgram = { ...program, command: job => [...strace, ...program.command(job)] }
  const pair = side === 'leech' ? { seed: other, leech: observed } : { seed: observed, leech: other }
  const window = { from: 0, to: 0 }
  await transferOnce(pair, content, {
    isCompared: false,
    onBegin: () => {
      window.from = Date.now() / 1000
    },
    onEnd: () => {
      window.to = Date.now() / 1000
    },
  })
  return countCalls(readFileSync(trace, 'latin1'), window.from, window.to)
}

function goalOf(side: Side): { case: string } {
  return { case: `system calls a GiB, ${side}` }
}

function report({ length, rounds, folder }: CallsBenchOptions, traced: readonly Traced[]): CaseResult {
  const machine = thisMachine()
  const perGib = ({ samples }: Traced, figure: (counts: CallCounts) => number): Spread =>
    spreadOf(samples.map(counts => (figure(counts) * GIB) / length))
  const rows = traced.map(one => [
    `${one.program.name} as ${one.side}`,
    ...(['all', 'reads', 'writes', 'waits'] as const).map(figure =>
      formatSpread(
        perGib(one, counts => counts[figure]),
        0,
      ),
    ),
    ...(['bytesRead', 'bytesWritten'] as const).map(figure =>
      formatSpread(
        perGib(one, counts => counts[figure] / GIB),
        2,
      ),
    ),
  ])
  console.log(
    `\n${length / 2 ** 20} MiB, under strace, files in ${folder}, ${rounds} rounds: a GiB of payload, median (min-max)\n${formatMachine(machine)}\n`,
  )
  const headings = ['program', 'calls', 'reads', 'writes', 'waits', 'GiB read', 'GiB written']
  console.log(markdownTable(headings, rows))
  const samples = traced.map(one => ({ side: one.side, program: one.program.name, samples: one.samples }))
  return {
    goals: SIDES.flatMap(side => goalsOf(side, traced, perGib)),
    measured: { machine, length, rounds, samples },
  }
}

function goalsOf(
  side: Side,
  traced: readonly Traced[],
  perGib: (one: Traced, figure: (counts: CallCounts) => number) => Spread,
): GoalRow[] {
  const of = (name: string): Traced | undefined =>
    traced.find(one => one.side === side && one.program.name === name)
  const [ours, theirs] = [of('shoal'), of('libtorrent')]
  if (!ours) return [skippedRow(goalOf(side), 'no compiled build')]
  const figures = [
    { name: `system calls a GiB, ${side}`, digits: 0, figure: (counts: CallCounts) => counts.all },
    { name: `writes a GiB, ${side}`, digits: 0, figure: (counts: CallCounts) => counts.writes },
    {
      name: `GiB through reads and writes a GiB, ${side}`,
      digits: 2,
      figure: (counts: CallCounts) => (counts.bytesRead + counts.bytesWritten) / GIB,
    },
  ]
  return figures.map(({ name, digits, figure }) => {
    const mine = perGib(ours, figure).median
    const beside = theirs ? ` beside ${perGib(theirs, figure).median.toFixed(digits)} of libtorrent` : ''
    return figureRow({ case: name }, mine, `${mine.toFixed(digits)}${beside}`)
  })
}
