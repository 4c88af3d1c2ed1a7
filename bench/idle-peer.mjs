/**
 * A session with thousands of torrents: `node --expose-gc bench/idle-peer.mjs JOB`, JOB an `IdleJob`. As `prepare` it
 * seeds them all for the first time and ends. As `measure` it starts with what was remembered of them, waits until all
 * are announced and at rest, and tells what it cost; then it does nothing for a while and tells what that cost.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** As a program would add them that has a list of them: so many at a time. */
const AT_A_TIME = 32

const { role, build, place, torrents, tracker, idleSeconds } = JSON.parse(process.argv[2])
const { openSession } = await import(build)
const begun = performance.now()
const session = await openSession({
  stateFolder: join(place, 'state'),
  listen: role === 'measure' ? [{ address: '127.0.0.1', port: 0 }] : [],
})
const empty = memory()

/** Bytes in use: objects and what hangs on them. */
function memory() {
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function cpuSeconds(before) {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

let next = 0
async function addInTurn() {
  while (next < torrents) {
    const torrentFile = readFileSync(join(place, 'torrents', `${next++}.torrent`))
    const torrent = await session.add(
      { torrentFile },
      {
        folder: join(place, 'content'),
        isKnownGood: role === 'prepare',
        announces: role === 'measure',
        trackers: role === 'measure' ? [tracker] : [],
      },
    )
    await torrent.checked()
  }
}
await Promise.all(Array.from({ length: AT_A_TIME }, addInTurn))

function isAtRest({ isResting, trackers }) {
  return isResting && trackers.every(({ state }) => state === 'working')
}

function tell(type, figures = {}) {
  process.stdout.write(`${JSON.stringify({ type, ...figures })}\n`)
}

if (role === 'measure') {
  const startSeconds = (performance.now() - begun) / 1000
  const startCpuSeconds = cpuSeconds()
  while (session.torrents().some(torrent => !isAtRest(torrent.status()))) await delay(1000)
  const bytesEach = (memory() - empty) / torrents
  // Their hashes are of nothing that is on the disk: a piece that had been hashed would be missing.
  const hashedPieces = session
    .torrents()
    .reduce((sum, torrent) => sum + torrent.status().pieces - torrent.status().verifiedPieces, 0)
  const before = process.cpuUsage()
  await delay(idleSeconds * 1000)
  const idleShare = cpuSeconds(before) / idleSeconds
  tell('idle', { startSeconds, startCpuSeconds, bytesEach, hashedPieces, idleShare })
}
await session.close()
tell('closed')
process.exit(0)
