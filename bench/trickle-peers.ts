/**
 * Many seeds that hardly send anything, in one process: `node -C shoal-source bench/trickle-peers.ts JOB`, JOB a
 * `TrickleJob` of `bench/job.ts`. They dial the leech at the first line that comes in; at each further one they tell how
 * many of them the leech has had at a time, and what they have sent.
 */

import { openSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseTorrentFile } from '../src/metainfo/torrent-file.ts'
import { nodeDigest } from '../src/net/node-digest.ts'
import type { TrickleJob } from './job.ts'
import { TricklePeer } from './trickle-peer.ts'

const TURNS_PER_SECOND = 4

const job = JSON.parse(process.argv[2] ?? '') as TrickleJob
const { info } = parseTorrentFile(readFileSync(job.torrent), nodeDigest)
const { pieceCount, pieceLength } = info.geometry
if (!info.hashes.v1) throw new Error('these peers speak v1 only')
const content = { infoHash: info.hashes.v1, pieceCount, pieceLength, file: openSync(job.file, 'r') }
const peers = Array.from({ length: job.connections }, (_, index) => new TricklePeer(index, job, content))
let most = 0

function look(): void {
  most = Math.max(most, peers.filter(peer => peer.isTaken).length)
}

function tell(news: object): void {
  process.stdout.write(`${JSON.stringify(news)}\n`)
}

let isStarted = false
createInterface(process.stdin).on('line', () => {
  if (isStarted) {
    look()
    tell({ type: 'trickled', most, bytes: peers.reduce((sum, peer) => sum + peer.sent, 0) })
    return
  }
  isStarted = true
  for (const peer of peers) peer.dial()
  setInterval(() => {
    look()
    for (const peer of peers) peer.send(job.bytesPerSecond / TURNS_PER_SECOND)
  }, 1000 / TURNS_PER_SECOND)
})
tell({ type: 'ready' })
