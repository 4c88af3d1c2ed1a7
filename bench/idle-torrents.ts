/**
 * What torrents cost that nobody asks for: `node -C shoal-source --expose-gc bench/idle-torrents.ts`. A session seeds
 * them all; it is closed, and one in a process of its own starts again with what was remembered, announces to a tracker
 * on this machine, and then has nothing to do.
 *
 *   --torrents 10000  how many
 *   --pieces 1000     of each, 16 KiB long, in sparse files
 *   --dir /dev/shm    where they and the state lie
 *   --idle 60         seconds of doing nothing that are measured
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { encodeBencode } from '../src/bencode/encode.ts'
import { openSession } from '../src/client/node.ts'
import type { Session } from '../src/client/session.ts'
import { encodeTorrentFile } from '../src/metainfo/torrent-file.ts'
import { systemSecrets } from '../src/net/system-secrets.ts'

const PIECE_LENGTH = 16_384
/** As a program would add them that has a list of them: so many at a time. */
const AT_A_TIME = 32

const { values } = parseArgs({
  options: {
    torrents: { type: 'string', default: '10000' },
    pieces: { type: 'string', default: '1000' },
    dir: { type: 'string', default: '/dev/shm' },
    idle: { type: 'string', default: '60' },
    /** Of the process that is measured: where everything lies, and the tracker. */
    place: { type: 'string' },
    tracker: { type: 'string' },
  },
})
const torrents = Number(values.torrents)
const pieces = Number(values.pieces)

/** Makes a torrent and its file, which is all zeros; its hashes are not, and nobody will look. */
async function make(place: string, index: number): Promise<void> {
  const infoBytes = encodeBencode({
    name: `content ${index}`,
    'piece length': PIECE_LENGTH,
    pieces: systemSecrets.bytes(20 * pieces),
    length: pieces * PIECE_LENGTH,
  })
  await writeFile(join(place, 'torrents', `${index}.torrent`), encodeTorrentFile({ infoBytes }))
  const file = await open(join(place, 'content', `content ${index}`), 'w')
  await file.truncate(pieces * PIECE_LENGTH)
  await file.close()
}

/** Adds all torrents; resolves when each is known to be there. */
async function addAll(session: Session, place: string, trackers: readonly string[]): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < torrents) {
      const torrentFile = await readFile(join(place, 'torrents', `${next++}.torrent`))
      const torrent = await session.add(
        { torrentFile },
        {
          folder: join(place, 'content'),
          isKnownGood: values.tracker === undefined,
          announces: trackers.length > 0,
          trackers,
        },
      )
      await torrent.checked()
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, lane))
}

/** The process that is measured. */
async function measure(place: string, tracker: string): Promise<void> {
  const begin = performance.now()
  const session = await openSession({
    stateFolder: join(place, 'state'),
    listen: [{ address: '127.0.0.1', port: 0 }],
  })
  const empty = memory()
  const loaded = performance.now()
  await addAll(session, place, [tracker])
  const { user, system } = process.cpuUsage()
  const seconds = (performance.now() - begin) / 1000
  console.log(
    `  started in ${seconds.toFixed(1)} s (${((performance.now() - loaded) / torrents).toFixed(2)} ms a torrent), ` +
      `${((user + system) / 1e6).toFixed(1)} CPU s, at most ${mebibytes(process.resourceUsage().maxRSS * 1024)} of memory in all`,
  )
  while (session.torrents().some(torrent => !isAtRest(torrent.status()))) await sleep(1000)
  const each = (memory() - empty) / torrents
  console.log(`  at rest, and announced: ${(each / 1024).toFixed(1)} KiB a torrent`)
  const before = process.cpuUsage()
  await sleep(Number(values.idle) * 1000)
  const spent = process.cpuUsage(before)
  const share = (spent.user + spent.system) / 1e6 / Number(values.idle)
  console.log(`  doing nothing: ${(100 * share).toFixed(2)} % of a core`)
  await session.close()
}

function isAtRest({
  isResting,
  trackers,
}: {
  isResting: boolean
  trackers: readonly { state: string }[]
}): boolean {
  return isResting && trackers.every(({ state }) => state === 'working')
}

/** Bytes in use: objects and what hangs on them. */
function memory(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}

async function startTracker(): Promise<{ url: string; program: ChildProcess }> {
  const shoal = join(import.meta.dirname, '..', 'bin', 'shoal.js')
  const program = spawn(
    process.execPath,
    [shoal, 'tracker', '--bind', '127.0.0.1', '--http-port', '0', '--json'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  for await (const line of createInterface({ input: program.stdout! })) {
    const event = JSON.parse(line) as { type: string; announce?: string }
    if (event.type === 'ready' && event.announce) return { url: event.announce, program }
  }
  throw new Error('the tracker did not start')
}

async function bench(): Promise<void> {
  if (!globalThis.gc) throw new Error('run it with node --expose-gc')
  const place = await mkdtemp(join(values.dir, 'shoal-idle-'))
  const tracker = await startTracker()
  try {
    await mkdir(join(place, 'torrents'))
    await mkdir(join(place, 'content'))
    for (let index = 0; index < torrents; index++) await make(place, index)
    const first = await openSession({ stateFolder: join(place, 'state'), listen: [] })
    await addAll(first, place, [])
    await first.close()
    console.log(`${torrents} torrents of ${pieces} pieces`)
    const measured = spawn(
      process.execPath,
      [...process.execArgv, ...process.argv.slice(1), '--place', place, '--tracker', tracker.url],
      { stdio: 'inherit' },
    )
    await once(measured, 'exit')
  } finally {
    tracker.program.kill('SIGINT')
    await rm(place, { recursive: true })
  }
}

if (values.place && values.tracker) await measure(values.place, values.tracker)
else await bench()
