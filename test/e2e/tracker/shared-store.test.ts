import assert from 'node:assert/strict'
import { once } from 'node:events'
import { suite, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { SharedSwarmStore } from '../../../src/tracker/shared-swarm-store.ts'
import type { AnnouncingWork } from '../../support/announcing-worker.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { announceOf, infoHashOf, peersOf } from '../../support/swarm-announces.ts'

const THREADS = 3
const SWARMS = 7
const PEERS = 9000

suite('a swarm store that threads share', { timeout: 60_000 }, () => {
  test('loses nobody and counts everybody, however they run into each other', async () => {
    const store = new SharedSwarmStore({ dice: seededDice(), seed: 5, memoryLimit: 2 ** 24 })
    const workers = Array.from({ length: THREADS }, (_, thread) => {
      const workerData: AnnouncingWork = { memory: store.memory, thread, swarms: SWARMS, peers: PEERS }
      return new Worker(new URL('../../support/announcing-worker.ts', import.meta.url), { workerData })
    })
    await Promise.all(workers.map(worker => once(worker, 'exit')))

    let left = 0
    let seeds = 0
    for (let peer = 0; peer < PEERS; peer++) {
      const isSeed = peer % 5 === 0
      if (isSeed) seeds++
      else if (peer % 3 !== 0) left++
    }
    const stats = store.stats()
    assert.deepEqual([stats.swarms, stats.seeds, stats.leeches], [SWARMS, THREADS * seeds, THREADS * left])
    let counted = 0
    for (let swarm = 0; swarm < SWARMS; swarm++) {
      const counts = store.scrape(infoHashOf(swarm))
      counted += (counts?.complete ?? 0) + (counts?.incomplete ?? 0)
    }
    assert.equal(counted, stats.seeds + stats.leeches)

    const asker = announceOf({ infoHash: infoHashOf(1), host: '192.0.2.1', peer: 1_000_000, numWant: 200 })
    const threadsSeen = new Set<string>()
    for (let i = 0; i < 20; i++) {
      for (const peer of peersOf(store.announce(asker, 0))) threadsSeen.add(peer.slice(0, 2))
    }
    assert.deepEqual(threadsSeen, new Set(['40', '41', '42']), 'peers of every thread are handed out')
  })
})
