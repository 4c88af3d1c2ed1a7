import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Scope } from '../../../src/core/address.ts'
import {
  ageOf,
  isPartialSeed,
  mark,
  reachesFor,
  reachOf,
  reachOfMark,
  TICK,
  tickOf,
} from '../../../src/tracker/peer-mark.ts'

suite('a peer mark', () => {
  test('holds the time, the reach and whether it is a partial seed', () => {
    for (const scope of ['global', 'private', 'link-local', 'loopback'] as const) {
      for (const isPartial of [true, false]) {
        const value = mark(tickOf(5 * TICK), reachOf(scope), isPartial)
        assert.ok(value >= 0 && value <= 0xffff)
        assert.equal(ageOf(value, tickOf(7 * TICK)), 2)
        assert.equal(reachOfMark(value), reachOf(scope))
        assert.equal(isPartialSeed(value), isPartial)
      }
    }
  })

  test('ages on over the wrap of its clock', () => {
    const wrap = 8192 * TICK
    assert.equal(ageOf(mark(tickOf(wrap - 3 * TICK), 0, true), tickOf(wrap + 4 * TICK)), 7)
  })
})

suite('reachesFor', () => {
  const reached = (from: Scope) =>
    (['global', 'private', 'link-local', 'loopback'] as const).filter(
      to => ((reachesFor(from) >>> reachOf(to)) & 1) === 1,
    )

  test('knows who reaches whom', () => {
    assert.deepEqual(reached('global'), ['global'])
    assert.deepEqual(reached('private'), ['global', 'private'])
    assert.deepEqual(reached('link-local'), ['global', 'private', 'link-local'])
    assert.deepEqual(reached('loopback'), ['global', 'private', 'loopback'])
  })
})
