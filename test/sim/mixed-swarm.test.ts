import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runMixedSwarm } from './mixed-swarm.ts'
import { swarmBound } from './swarm-bound.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** `npm run bench -- judge` does the same with 100 peers and 64 MiB. */
const SMALL = { peers: 20, length: 16 * MIB, pieceLength: 128 * KIB }

test('the flow bound is what single lines and all upload together allow', () => {
  const line = { up: 100, down: 200 }
  assert.deepEqual(swarmBound(1000, 500, [line]), { last: 5, mean: 5 }, 'its own line')
  assert.deepEqual(swarmBound(1000, 100, [line]), { last: 10, mean: 10 }, 'the seed')
  const { last, mean } = swarmBound(1000, 200, [line, line, line, line])
  assert.equal(last, 4000 / 600, 'all upload')
  assert.equal(mean, (5 + 5 + 5 + 4000 / 600) / 4)
})

test('honest peers complete within a few times of what is possible', async () => {
  const { mean, last, bound } = await runMixedSwarm({ ...SMALL, cheats: 0 })
  assert.ok(mean < 2.6 * bound.mean, `the mean took ${mean / bound.mean} times the bound`)
  assert.ok(last < 2.3 * bound.last, `the last took ${last / bound.last} times the bound`)
})

// The mean is 2.34 to 2.61 times the bound, as chance will have it. What cheats have is 0.46 to 0.92 of it, 0.61 in the mean of
// 14 seeds, with and without peer exchange (0.605).
test('cheats have half of it when half of the honest have all, and hardly hold them up', async () => {
  const figures = await runMixedSwarm({ ...SMALL, cheats: 4 })
  assert.ok(figures.cheatsAtHalf < 0.65, `they had ${figures.cheatsAtHalf} of it by then`)
  assert.ok(figures.mean < 2.7 * figures.bound.mean, `the mean took ${figures.mean / figures.bound.mean}`)
  assert.ok(figures.last < 2.2 * figures.bound.last, `the last took ${figures.last / figures.bound.last}`)
})
