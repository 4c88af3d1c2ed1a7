/** A thread that announces many peers to a swarm store it shares with others. */

import { parentPort, workerData } from 'node:worker_threads'
import { SharedSwarmStore } from '../../src/tracker/shared-swarm-store.ts'
import { seededDice } from './seeded-dice.ts'
import { announceOf, infoHashOf } from './swarm-announces.ts'

/** What the thread is told. */
export interface AnnouncingWork {
  readonly memory: SharedArrayBuffer
  readonly thread: number
  readonly swarms: number
  readonly peers: number
}

const { memory, thread, swarms, peers } = workerData as AnnouncingWork
const store = new SharedSwarmStore({ dice: seededDice(thread), seed: 0 }, memory)

for (let peer = 0; peer < peers; peer++) {
  const swarm = peer % swarms
  const host = `${40 + thread}.0.${peer >> 8}.${peer & 255}`
  const told = announceOf({ infoHash: infoHashOf(swarm), host, peer: thread * peers + peer })
  store.announce(told, 0)
  // Every third comes and goes, so that lists also shrink.
  if (peer % 3 === 0) store.announce({ ...told, hasStopped: true }, 0)
  if (peer % 5 === 0) store.announce({ ...told, hasStopped: false, isSeed: true, hasCompleted: true }, 0)
}
parentPort?.postMessage('done')
