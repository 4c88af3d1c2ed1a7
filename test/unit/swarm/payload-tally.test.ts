import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BLOCK_LENGTH } from '../../../src/metainfo/geometry.ts'
import { PayloadTally } from '../../../src/swarm/payload-tally.ts'

test('begins with nothing and counts on in the hands of whoever has it', () => {
  const tally = new PayloadTally()
  assert.deepEqual({ ...tally }, { downloaded: 0, uploaded: 0, wasted: 0 })
  const count = (into: PayloadTally): void => void (into.downloaded += BLOCK_LENGTH)
  count(tally)
  count(tally)
  assert.deepEqual({ ...tally }, { downloaded: 2 * BLOCK_LENGTH, uploaded: 0, wasted: 0 })
})
