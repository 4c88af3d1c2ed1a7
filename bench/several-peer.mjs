/**
 * A session with several torrents, as a seed or a leech: `node bench/several-peer.mjs JOB`, JOB a `SeveralJob`. A leech
 * begins with the first line that comes in; at each further one it tells what each torrent has and when.
 */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'

const job = JSON.parse(process.argv[2])
const { openSession } = await import(job.build)

function tell(type, more = {}) {
  process.stdout.write(`${JSON.stringify({ type, ...more })}\n`)
}

const session = await openSession({
  listen: [{ address: job.host, port: job.port }],
  stateFolder: job.stateFolder,
})

async function add({ torrent, folder }) {
  const options =
    job.role === 'seed' ? { isKnownGood: true } : { peers: [job.peer], downloadLimit: job.bytesPerSecond }
  return session.add({ torrentFile: readFileSync(torrent) }, { folder, announces: false, ...options })
}

if (job.role === 'seed') {
  for (const one of job.torrents) await (await add(one)).completed()
  tell('ready')
} else {
  tell('ready')
  await once(process.stdin, 'data')
  const torrents = await Promise.all(job.torrents.map(add))
  let looks = 0
  process.stdin.on('data', () => {
    const now = torrents.map(torrent => torrent.status())
    tell('had', {
      look: looks++,
      bytes: now.map(status => status.verifiedLength),
      downloaded: now.map(status => status.downloaded),
      states: now.map(status => status.state),
      at: performance.now(),
    })
  })
}

async function end() {
  await session.close()
  process.exit(0)
}
process.once('SIGTERM', end)
process.stdin.resume().once('end', end)
