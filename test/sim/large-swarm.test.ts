import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLargeSwarm } from './large-swarm.ts'

const MIB = 2 ** 20

/** `bench/simulated-swarm.ts` runs the same with 100 peers and 256 MiB each. */
test('thirty peers move 32 MiB each', async () => {
  const began = performance.now()
  const figures = await runLargeSwarm({ peers: 30, length: 32 * MIB, pieceLength: MIB / 2, rate: 8 * MIB })
  const { seconds, events, moved, wasted, copiesOfSeed } = figures
  console.log(
    `30 peers, 32 MiB each: ${seconds.toFixed(1)} s of theirs, ${Math.round(performance.now() - began)} ms of ours, ` +
      `${events} events, the seed sent ${copiesOfSeed.toFixed(1)} copies, ${((100 * wasted) / moved).toFixed(1)} % wasted`,
  )
  assert.ok(seconds < 20, `it took ${seconds} s where 4 are the least`)
  assert.ok(wasted < 0.1 * moved)
  assert.ok(copiesOfSeed < 8)
})

test('a seed tells the same story each time, another seed another', async () => {
  const run = (seed: number) =>
    runLargeSwarm({ peers: 6, length: 4 * MIB, pieceLength: MIB / 4, rate: MIB, seed })
  const [first, again, other] = [await run(1), await run(1), await run(2)]
  assert.deepEqual(first, again)
  assert.notDeepEqual(first, other)
})
