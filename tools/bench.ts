/**
 * Measures, beside other people's programs: `npm run bench -- all`, or one case of `bench/cases.ts` by its name.
 * bench/README.md says what and how.
 *
 *   --size 1GiB      how much is moved or hashed, where a case has a length (by default each has its own)
 *   --rounds 5       how often, beside the round that warms up
 *   --dir /dev/shm   where the files lie
 *   --json FILE      writes everything that was measured
 *   --leeches 8      of a swarm
 *   --trickle 200    how many peers trickle
 *   --torrents 10000 how many are idle
 *   --idle 30        seconds for which they are watched
 *   --pairs a:b,…    of transfers only these, seed:leech of libtorrent, shoal, aria2
 *   --against DIST   measures another compiled build in the same run, as "other"
 */

import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { type BenchOptions, CASES } from '../bench/cases.ts'
import type { CaseResult } from '../bench/case-result.ts'
import { skippedRow } from '../bench/goal-row.ts'
import { goalTable } from '../bench/goal-table.ts'
import { killPeers } from '../bench/peer-process.ts'
import { saveMeasured } from '../bench/save-measured.ts'
import { parseLength } from '../src/core/quantities.ts'

const NAMES = Object.keys(CASES)
const USAGE = `usage: npm run bench -- [all|${NAMES.join('|')}] [--size 1GiB] [--rounds 5] [--dir /dev/shm] [--json FILE] [--pairs SEED:LEECH,…] [--leeches 8] [--trickle 200] [--torrents 10000] [--idle 30] [--against DIST]`
const BUILD = 'dist'

function wrongUsage(what: string): never {
  console.error(`${what}\n${USAGE}`)
  process.exit(2)
}

function readCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        size: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        dir: { type: 'string', default: '/dev/shm' },
        json: { type: 'string' },
        pairs: { type: 'string' },
        leeches: { type: 'string', default: '8' },
        trickle: { type: 'string', default: '200' },
        torrents: { type: 'string', default: '10000' },
        idle: { type: 'string', default: '30' },
        against: { type: 'string' },
      },
    })
  } catch (error) {
    return wrongUsage((error as Error).message)
  }
}

function count(option: 'rounds' | 'leeches' | 'trickle' | 'torrents' | 'idle'): number {
  const number = Number(values[option])
  if (!Number.isInteger(number) || number < 1)
    wrongUsage(`--${option} ${values[option]} is not a number of them`)
  return number
}

function readLength(): number | null {
  if (values.size === undefined) return null
  try {
    return parseLength(values.size)
  } catch (error) {
    return wrongUsage((error as Error).message)
  }
}

function build(): void {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error('the build failed: there is nothing to measure')
}

/** A case that fails is told in the table, and the others are measured all the same. */
async function runCase(name: string, options: BenchOptions): Promise<CaseResult> {
  try {
    return await CASES[name]!.run(options)
  } catch (error) {
    console.error(`${name}: ${(error as Error).message}`)
    process.exitCode = 1
    const [reason = ''] = (error as Error).message.split('\n')
    return { goals: [skippedRow({ case: name }, `it failed: ${reason}`)], measured: { error: reason } }
  }
}

const { values, positionals } = readCommandLine()
const [what = 'all'] = positionals
const isAll = what === 'all'
if (positionals.length > 1 || !(isAll || NAMES.includes(what))) wrongUsage('name what to measure')
const options: BenchOptions = {
  rounds: count('rounds'),
  folder: values.dir,
  build: BUILD,
  length: readLength(),
  leeches: count('leeches'),
  connections: count('trickle'),
  torrents: count('torrents'),
  idleSeconds: count('idle'),
  against: values.against ?? null,
  pairs: values.pairs?.split(',') ?? null,
}
if (process.platform !== 'linux') wrongUsage('what programs cost is read from /proc: this runs on Linux only')
// What is under way fails, and its files are removed.
let isInterrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    isInterrupted = true
    killPeers()
  })
}

const chosen = isAll ? NAMES.filter(name => CASES[name]!.hasGoals) : [what]
try {
  if (chosen.some(name => CASES[name]!.needsBuild)) build()
  const results: Record<string, CaseResult> = {}
  for (const name of chosen) {
    if (isInterrupted) break
    if (isAll) console.log(`\n## ${name}`)
    results[name] = await runCase(name, options)
  }
  const goals = Object.values(results).flatMap(result => result.goals)
  if (goals.length > 0) console.log(`\n${goalTable(goals)}`)
  const measured = Object.entries(results).map(([name, result]) => [name, result.measured])
  saveMeasured(values.json ?? null, { goals, ...Object.fromEntries(measured) })
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
