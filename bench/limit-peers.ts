/**
 * Peers without a limit, for one that has one: `node -C shoal-source bench/limit-peers.ts JOB`, JOB a `LimitJob`. They dial
 * it, and at each line that comes in they tell how many bytes went over their sockets so far, and when.
 */

import { createInterface } from 'node:readline'
import { type LimitJob, LimitPeer } from './limit-peer.ts'

const job = JSON.parse(process.argv[2] ?? '') as LimitJob
const peers = Array.from({ length: job.peers }, (_, index) => new LimitPeer(index, job))
for (const peer of peers) peer.dial()

createInterface(process.stdin).on('line', () => {
  const bytes = peers.reduce((sum, peer) => sum + peer.moved, 0)
  process.stdout.write(`${JSON.stringify({ bytes, at: performance.now() })}\n`)
})
