import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fewAtATime } from '../../../src/client/few-at-a-time.ts'

it('works at a few at a time, in order, and at no other after a fault', async () => {
  const begun: number[] = []
  let most = 0
  let now = 0
  const work = async (item: number): Promise<void> => {
    begun.push(item)
    most = Math.max(most, ++now)
    await Promise.resolve()
    now--
    if (item === 7) throw new Error('seven')
  }
  await fewAtATime([0, 1, 2, 3, 4], work, 2)
  assert.deepEqual([begun, most], [[0, 1, 2, 3, 4], 2])
  await fewAtATime([], work)
  await assert.rejects(fewAtATime([5, 6, 7, 8, 9, 10, 11, 12], work, 2), /seven/)
  assert.ok(!begun.includes(12))
})
