/**
 * How well limits hold on real sockets: `node -C shoal-source bench/limit-rates.ts`. A session of this process has the limit;
 * its peers are plain sockets without one, in a process of their own, over loopback. Prints what went over their sockets,
 * payload and all else, on average over 20 s after the first 5 s.
 *
 *   --limits 100,1024,10240,102400   KiB/s
 *   --peers 1,5,50
 *   --ways up,down                   what the session does
 *   --whose session                  of `session`, `torrent` and `class`
 *   --dir /dev/shm                   where the content lies; a download of 100 MiB/s needs 4 GiB
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openSession } from '../src/client/node.ts'
import type { Limits } from '../src/client/session-options.ts'
import { formatHex } from '../src/core/bytes.ts'
import { buildTorrent, planTorrent } from '../src/metainfo/build.ts'
import { parseTorrentFile } from '../src/metainfo/torrent-file.ts'
import { nodeDigest } from '../src/net/node-digest.ts'
import type { LimitJob } from './limit-peer.ts'
import { formatMachine, thisMachine } from './machine.ts'
import { markdownTable } from './markdown-table.ts'

const KIB = 1024
const PIECE_LENGTH = 1 << 20
const SETTLE = 5000
const MEASURE = 20_000
/** A download may not come to its end while it is measured. */
const SECONDS = 40
const NAME = 'zeros'

const { values } = parseArgs({
  options: {
    limits: { type: 'string', default: '100,1024,10240,102400' },
    peers: { type: 'string', default: '1,5,50' },
    ways: { type: 'string', default: 'up,down' },
    whose: { type: 'string', default: 'session' },
    dir: { type: 'string', default: '/dev/shm' },
  },
})

interface Case {
  /** Bytes a second. */
  readonly limit: number
  readonly peers: number
  readonly way: 'up' | 'down'
  readonly whose: string
}

interface Figures {
  readonly rate: number
  /** Of this process, all threads, for each second. */
  readonly cpu: number
  /** What it says itself that it is held back by, at the end. */
  readonly reasons: string
}

/** A torrent of zeros. */
function torrentFor(length: number): Uint8Array {
  const files = [{ path: [NAME], length }]
  const plan = planTorrent({ name: NAME, isSingleFile: true, files, format: 'v1', pieceLength: PIECE_LENGTH })
  const hash = createHash('sha1').update(new Uint8Array(PIECE_LENGTH)).digest()
  return buildTorrent(plan, { v1: Buffer.concat(Array<Buffer>(length / PIECE_LENGTH).fill(hash)) })
}

async function measure(of: Case): Promise<Figures> {
  const folder = await mkdtemp(join(values.dir, 'shoal-limits-'))
  try {
    return await measureIn(folder, of)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureIn(folder: string, { limit, peers, way, whose }: Case): Promise<Figures> {
  const isUp = way === 'up'
  const wanted = isUp ? 64 * PIECE_LENGTH : Math.max(64 * PIECE_LENGTH, limit * SECONDS)
  const torrentFile = torrentFor(Math.ceil(wanted / PIECE_LENGTH) * PIECE_LENGTH)
  const { info } = parseTorrentFile(torrentFile, nodeDigest)
  if (isUp) await makeZeros(join(folder, NAME), info.geometry.contentLength)
  const limits: Limits = isUp ? { uploadLimit: limit } : { downloadLimit: limit }
  await using session = await openSession({
    stateFolder: null,
    listen: [{ address: '127.0.0.1', port: 0 }],
    ...(whose === 'session' && limits),
    ...(whose === 'class' && { peerClasses: { local: limits } }),
  })
  const torrent = await session.add(
    { torrentFile },
    { folder, announces: false, isKnownGood: isUp, ...(whose === 'torrent' && limits) },
  )
  await torrent.checked()
  const job: LimitJob = {
    way,
    host: '127.0.0.1',
    port: session.listening[0]?.port ?? 0,
    peers,
    infoHash: formatHex(info.hashes.v1 ?? new Uint8Array()),
    pieceCount: info.geometry.pieceCount,
    pieceLength: PIECE_LENGTH,
  }
  const others = startPeers(job)
  try {
    while ((await others.look()).bytes === 0) await sleep(50)
    await sleep(SETTLE)
    const [before, cpuBefore] = [await others.look(), process.cpuUsage()]
    await sleep(MEASURE)
    const [after, cpu] = [await others.look(), process.cpuUsage(cpuBefore)]
    const seconds = (after.at - before.at) / 1000
    if (!isUp && torrent.status().state !== 'downloading') throw new Error('it was complete too early')
    return {
      rate: (after.bytes - before.bytes) / seconds,
      cpu: (cpu.user + cpu.system) / 1e6 / seconds,
      reasons: torrent
        .explain()
        .map(({ code }) => code)
        .join(', '),
    }
  } finally {
    await others.stop()
  }
}

async function makeZeros(path: string, length: number): Promise<void> {
  const file = await open(path, 'w')
  await file.truncate(length)
  await file.close()
}

function startPeers(job: LimitJob) {
  const program = join(import.meta.dirname, 'limit-peers.ts')
  const child: ChildProcess = spawn(process.execPath, ['-C', 'shoal-source', program, JSON.stringify(job)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return {
    look: async (): Promise<{ bytes: number; at: number }> => {
      child.stdin!.write('look\n')
      const { value, done } = await lines.next()
      if (done) throw new Error('the peers ended too early')
      return JSON.parse(value) as { bytes: number; at: number }
    },
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

const list = (text: string): string[] => text.split(',')
const rows: string[][] = []
for (const limit of list(values.limits)) {
  for (const peers of list(values.peers)) {
    for (const way of list(values.ways) as ('up' | 'down')[]) {
      for (const whose of list(values.whose)) {
        const of = { limit: Number(limit) * KIB, peers: Number(peers), way, whose }
        const { rate, cpu, reasons } = await measure(of)
        const share = `${((100 * rate) / of.limit).toFixed(2)} %`
        console.error(`${limit} KiB/s ${way} of a ${whose}, ${peers} peers: ${share}`)
        rows.push([limit, peers, way, whose, (rate / KIB).toFixed(1), share, cpu.toFixed(2), reasons])
      }
    }
  }
}
console.log(`${formatMachine(thisMachine())}; over 20 s after 5 s, loopback\n`)
console.log(
  markdownTable(['KiB/s', 'peers', 'way', 'whose', 'measured', 'of the limit', 'cores', 'explain()'], rows),
)
