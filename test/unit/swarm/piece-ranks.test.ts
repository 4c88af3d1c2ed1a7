import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DEFAULT_PRIORITY,
  endRank,
  firstRank,
  OUT,
  RANKS,
  rankOf,
  TOP_PRIORITY,
} from '../../../src/swarm/piece-ranks.ts'

test('what is wanted more comes before what is wanted less, however rare that is', () => {
  for (let priority = TOP_PRIORITY; priority > 1; priority--) {
    assert.ok(rankOf(priority, 65_535) < rankOf(priority - 1, 0))
    assert.ok(endRank(priority) <= firstRank(priority - 1))
  }
  assert.equal(endRank(1), RANKS)
  assert.equal(firstRank(TOP_PRIORITY), 0)
})

test('of one priority the rarest come first', () => {
  assert.equal(rankOf(5, 0), firstRank(5))
  assert.ok(rankOf(5, 3) < rankOf(5, 4))
  assert.equal(rankOf(5, 1000), endRank(5) - 1)
})

test('what is not wanted is out, beside the default priority and in no other', () => {
  assert.equal(rankOf(0, 9), OUT)
  assert.equal(OUT + 1, firstRank(DEFAULT_PRIORITY))
  for (let priority = 1; priority <= TOP_PRIORITY; priority++) {
    assert.ok(OUT < firstRank(priority) || OUT >= endRank(priority))
  }
})
