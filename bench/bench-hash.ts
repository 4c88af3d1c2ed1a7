import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeContent } from './bench-content.ts'
import type { CaseOptions, CaseResult } from './case-result.ts'
import { hashGoals } from './hash-goals.ts'
import { type HashTask, hashTasks } from './hash-programs.ts'
import { formatMachine, thisMachine } from './machine.ts'
import { formatSpread, spreadOf } from './spread.ts'

const PIECE_LENGTH = 2 ** 21

export interface HashBenchOptions extends CaseOptions {
  readonly length: number
}

interface HashSample {
  /** From start to end of the process. */
  readonly seconds: number
  /** User and system, of all threads. */
  readonly cpuSeconds: number
}

/** Measures all programs in turn, round after round; the round before the first warms up and is not counted. */
export function benchHash(options: HashBenchOptions): CaseResult {
  const missing = new Map<string, string>()
  const content = makeContent(options.folder, options.length, 1)
  const place = mkdtempSync(join(options.folder, 'shoal-bench-'))
  try {
    const tasks = hashTasks(resolve(options.build), join(place, 'installed')).filter(task =>
      canRun(task, missing),
    )
    const results = tasks.map(task => ({ task, samples: [] as HashSample[] }))
    for (let round = 0; round <= options.rounds; round++) {
      for (const { task, samples } of results) {
        const torrent = join(place, `${task.verifies ?? task.name}.torrent`)
        if (!task.verifies) rmSync(torrent, { force: true })
        const job = { name: content.name, folder: content.seedFolder, torrent, pieceLength: PIECE_LENGTH }
        const sample = measure(task, task.command(job), content.seedFolder, place)
        if (statSync(torrent).size === 0) throw new Error(`${task.name} made nothing`)
        if (round > 0) samples.push(sample)
        const title = round === 0 ? 'warm-up' : `round ${round}/${options.rounds}`
        console.error(`${title}  ${task.name}: ${sample.seconds.toFixed(2)} s`)
      }
    }
    return report(options, results, missing)
  } finally {
    content.remove()
    rmSync(place, { recursive: true, force: true })
  }
}

function canRun({ name, remedy }: HashTask, missing: Map<string, string>): boolean {
  if (remedy) {
    missing.set(name, remedy)
    console.error(`${name} cannot take part (${remedy}): it is left out`)
  }
  return remedy === null
}

/** The shell tells what a process cost that has ended; Node does not. */
function measure(task: HashTask, command: readonly string[], folder: string, place: string): HashSample {
  const told = join(place, 'cost')
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', 'TIMEFORMAT="%3R %3U %3S"; { time "${@:2}" 2>&3; } 3>&2 2>"$1"', 'measure', told, ...command],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: join(place, 'cache'), XDG_STATE_HOME: join(place, 'state') },
    },
  )
  if (status !== 0) throw new Error(`${task.name} failed:\n${stderr}`)
  const [seconds = 0, user = 0, system = 0] = readFileSync(told, 'utf8').trim().split(' ').map(Number)
  return { seconds, cpuSeconds: user + system }
}

function report(
  options: HashBenchOptions,
  results: readonly { readonly task: HashTask; readonly samples: readonly HashSample[] }[],
  missing: ReadonlyMap<string, string>,
): CaseResult {
  const machine = thisMachine()
  const gib = options.length / 2 ** 30
  const median = new Map(
    results.map(({ task, samples }) => [task.name, spreadOf(samples.map(sample => sample.seconds)).median]),
  )
  const rows = results.map(({ task, samples }) => {
    const seconds = spreadOf(samples.map(sample => sample.seconds))
    const reference = median.get(task.reference)
    return {
      name: task.name,
      seconds,
      ratio: reference === undefined ? null : reference / seconds.median,
      cpuPerGib: spreadOf(samples.map(sample => sample.cpuSeconds / gib)),
    }
  })
  const { length, rounds, folder } = options
  console.log(
    `\n${length / 2 ** 20} MiB in one file in ${folder}, 2 MiB pieces, ${rounds} rounds: median (min-max)\n${formatMachine(machine)}\n`,
  )
  console.log('| program | s | speed, as a ratio | CPU s/GiB |\n| --- | --- | --- | --- |')
  for (const { name, seconds, ratio, cpuPerGib } of rows)
    console.log(
      `| ${name} | ${formatSpread(seconds, 2)} | ${ratio?.toFixed(2) ?? '-'} | ${formatSpread(cpuPerGib, 2)} |`,
    )
  return { goals: hashGoals(rows, missing), measured: { machine, length, rounds, rows, results } }
}
