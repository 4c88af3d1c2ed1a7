/**
 * A session with one torrent, as a seed or a leech: `node bench/shoal-peer.mjs JOB`, JOB as `bench/job.ts` has it.
 * Plain JavaScript, and the compiled build by its path: what is measured is what people install, and stripping types
 * here would cost the process 17 MB.
 */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'

import { TurnWatch } from './turn-watch.mjs'

const LOOK_INTERVAL = 20

// As the command does it, before anything of the build is loaded.
createRequire(import.meta.url)('../bin/compile-cache.js').keep()
const job = JSON.parse(process.argv[2])
const { openProbedSession, openSession } = await import(job.build)

function tell(type, more = {}) {
  process.stdout.write(`${JSON.stringify({ type, ...more })}\n`)
}

const options = { listen: [{ address: job.host, port: job.port }], stateFolder: job.stateFolder }
const watch = job.isProbed ? new TurnWatch() : null
const session = watch ? await openProbedSession(options, watch) : await openSession(options)
const torrentFile = readFileSync(job.torrent)
const { folder, trackers } = job

if (job.role === 'seed') {
  const torrent = await session.add({ torrentFile }, { folder, isKnownGood: true, trackers })
  await torrent.completed()
  tell('ready')
  if (watch) {
    // Told twice: to begin, and to say what it saw.
    await once(process.stdin, 'data')
    watch.start()
    await once(process.stdin, 'data')
    tell('turns', watch.figures())
  }
  process.stdin.on('data', () => tell('uploaded', { bytes: torrent.status().uploaded }))
} else {
  // As libtorrent has it: the torrent is there and checked, and meets somebody when it is told to begin.
  const torrent = await session.add({ torrentFile }, { folder })
  await torrent.checked()
  tell('ready')
  await once(process.stdin, 'data')
  watch?.start()
  torrent.addTrackers(trackers)
  torrent.addPeers(job.peer ? [job.peer] : [])
  if (job.until) while (torrent.status().verifiedLength < job.until) await delay(LOOK_INTERVAL)
  else await torrent.completed()
  if (watch) tell('turns', watch.figures())
  tell('done')
}

async function end() {
  await session.close()
  process.exit(0)
}
process.once('SIGTERM', end)
process.stdin.resume().once('end', end)
