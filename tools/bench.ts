/**
 * Measures, beside other people's programs: `npm run bench -- transfer`, `swarm`, `trickle` or `hash`. bench/README.md
 * says what and how.
 *
 *   --size 1GiB      how much is moved (default 1 GiB; to each of a swarm 256 MiB), or hashed (4 GiB)
 *   --rounds 5       how often, beside the round that warms up
 *   --dir /dev/shm   where the files lie
 *   --json FILE      writes everything that was measured
 *   --leeches 8      of a swarm
 *   --trickle 200    how many peers trickle
 *   --pairs a:b,…    of transfers only these, seed:leech of libtorrent, shoal, aria2
 *   --against DIST   measures another compiled build in the same run, as "other"
 */

import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { benchHash } from '../bench/bench-hash.ts'
import { benchJudge } from '../bench/bench-judge.ts'
import { benchSwarm } from '../bench/bench-swarm.ts'
import { benchTransfer } from '../bench/bench-transfer.ts'
import { benchTrickle } from '../bench/bench-trickle.ts'
import { killPeers } from '../bench/peer-process.ts'
import { parseLength } from '../src/core/quantities.ts'

const USAGE =
  'usage: npm run bench -- transfer|swarm|trickle|hash|judge [--size 1GiB] [--rounds 5] [--dir /dev/shm] [--json FILE] [--pairs SEED:LEECH,…] [--leeches 8] [--trickle 200] [--against DIST]'
const BUILD = 'dist'
const CASES = ['transfer', 'swarm', 'trickle', 'hash', 'judge']
/** Of each peer that trickles. */
const TRICKLE_RATE = 1024

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
        against: { type: 'string' },
      },
    })
  } catch (error) {
    return wrongUsage((error as Error).message)
  }
}

function count(option: 'rounds' | 'leeches' | 'trickle'): number {
  const number = Number(values[option])
  if (!Number.isInteger(number) || number < 1)
    wrongUsage(`--${option} ${values[option]} is not a number of them`)
  return number
}

function build(): void {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error('the build failed: there is nothing to measure')
}

const { values, positionals } = readCommandLine()
const [what] = positionals
if (positionals.length !== 1 || what === undefined || !CASES.includes(what))
  wrongUsage('name what to measure')
const rounds = count('rounds')
const leeches = count('leeches')
const connections = count('trickle')
if (process.platform !== 'linux') wrongUsage('what programs cost is read from /proc: this runs on Linux only')
// The transfer that is under way fails, and its files are removed.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, killPeers)

// The judge runs the sources, in a simulation.
if (what !== 'judge') build()
try {
  const common = { rounds, folder: values.dir, build: BUILD, json: values.json ?? null }
  const against = values.against ?? null
  const lengthOr = (usual: string): number => parseLength(values.size ?? usual)
  if (what === 'hash') benchHash({ ...common, length: lengthOr('4GiB') })
  else if (what === 'judge') await benchJudge({ rounds, json: common.json, length: lengthOr('64MiB') })
  else if (what === 'swarm') await benchSwarm({ ...common, against, leeches, length: lengthOr('256MiB') })
  else if (what === 'trickle') {
    const trickle = { connections, bytesPerSecond: TRICKLE_RATE }
    await benchTrickle({ ...common, against, trickle, length: lengthOr('1GiB') })
  } else {
    const pairs = values.pairs?.split(',') ?? null
    await benchTransfer({ ...common, against, pairs, length: lengthOr('1GiB') })
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
