import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ContentCount } from '../../../src/swarm/content-count.ts'
import { bitsOf } from '../../support/picker-board.ts'

function count(have: string, selected: string): ContentCount {
  const counted = new ContentCount(piece => 10 ** piece)
  counted.all(bitsOf(have), bitsOf(selected))
  return counted
}

test('all is counted: what is wanted, what is had of it, what is missing', () => {
  const { wanted, verified, missing } = count('##..', '.##.')
  assert.deepEqual([wanted, verified, missing], [110, 10, 1100])
})

test('pieces come and go', () => {
  const counted = count('##..', '.##.')
  counted.changed(2, 1, true)
  counted.changed(3, 1, false)
  assert.deepEqual([counted.wanted, counted.verified, counted.missing], [110, 110, 0])
  counted.changed(1, -1, true)
  assert.deepEqual([counted.wanted, counted.verified, counted.missing], [110, 100, 10])
})
