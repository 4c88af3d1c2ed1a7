/**
 * A session with one torrent, as a seed or a leech: `node bench/shoal-peer.mjs JOB`, JOB as `bench/job.ts` has it.
 * Plain JavaScript, and the compiled build by its path: what is measured is what people install, and stripping types
 * here would cost the process 17 MB.
 */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'

const job = JSON.parse(process.argv[2])
const { openSession } = await import(job.build)

function tell(type) {
  process.stdout.write(`${JSON.stringify({ type })}\n`)
}

const session = await openSession({
  listen: [{ address: job.host, port: job.port }],
  stateFolder: job.stateFolder,
})
const torrentFile = readFileSync(job.torrent)
const { folder } = job

if (job.role === 'seed') {
  const torrent = await session.add({ torrentFile }, { folder, isKnownGood: true, trackers: job.trackers })
  await torrent.completed()
  tell('ready')
} else {
  tell('ready')
  await once(process.stdin, 'data')
  const torrent = await session.add({ torrentFile }, { folder, peers: [job.peer] })
  await torrent.completed()
  tell('done')
}

async function end() {
  await session.close()
  process.exit(0)
}
process.once('SIGTERM', end)
process.stdin.resume().once('end', end)
