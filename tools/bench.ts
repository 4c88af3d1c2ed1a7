/**
 * Measures, beside other people's programs: `npm run bench -- transfer`, `npm run bench -- hash`. bench/README.md says
 * what and how.
 *
 *   --size 1GiB      how much is moved (default 1 GiB), or hashed (4 GiB)
 *   --rounds 5       how often, beside the round that warms up
 *   --dir /dev/shm   where the files lie
 *   --json FILE      writes everything that was measured
 *   --pairs a:b,…    only these, seed:leech of libtorrent, shoal, aria2
 *   --against DIST   measures another compiled build in the same run, as "other"
 */

import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { benchHash } from '../bench/bench-hash.ts'
import { benchTransfer } from '../bench/bench-transfer.ts'
import { killPeers } from '../bench/peer-process.ts'
import { parseLength } from '../src/core/quantities.ts'

const USAGE =
  'usage: npm run bench -- transfer|hash [--size 1GiB] [--rounds 5] [--dir /dev/shm] [--json FILE] [--pairs SEED:LEECH,…] [--against DIST]'
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
        against: { type: 'string' },
      },
    })
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

const { values, positionals } = readCommandLine()
const [what] = positionals
if (positionals.length !== 1 || (what !== 'transfer' && what !== 'hash')) wrongUsage('name what to measure')
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1) wrongUsage(`--rounds ${values.rounds} is not a number of rounds`)
if (process.platform !== 'linux') wrongUsage('what programs cost is read from /proc: this runs on Linux only')
// The transfer that is under way fails, and its files are removed.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, killPeers)

build()
try {
  const common = { rounds, folder: values.dir, build: BUILD, json: values.json ?? null }
  if (what === 'hash') benchHash({ ...common, length: parseLength(values.size ?? '4GiB') })
  else {
    await benchTransfer({
      ...common,
      length: parseLength(values.size ?? '1GiB'),
      against: values.against ?? null,
      pairs: values.pairs?.split(',') ?? null,
    })
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
