import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SystemDice } from '../../../src/net/system-dice.ts'

describe('SystemDice', () => {
  it('throws the same again from the same seed, and something else from another', () => {
    const throws = (seed: number) => {
      const dice = new SystemDice(seed)
      return Array.from({ length: 10 }, () => dice.below(1_000_000))
    }
    assert.deepEqual(throws(7), throws(7))
    assert.notDeepEqual(throws(7), throws(8))
    assert.notDeepEqual(throws(0), throws(1))
  })

  it('starts anywhere without a seed', () => {
    assert.notEqual(new SystemDice().fraction(), new SystemDice().fraction())
  })

  it('is even over its range', () => {
    const dice = new SystemDice(1)
    const counts = Array.from({ length: 10 }, () => 0)
    for (let i = 0; i < 100_000; i++) counts[dice.below(10)]!++
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, String(counts))
  })

  it('gives fractions below one', () => {
    const dice = new SystemDice(1)
    for (let i = 0; i < 10_000; i++) {
      const fraction = dice.fraction()
      assert.ok(fraction >= 0 && fraction < 1)
    }
    assert.equal(dice.below(1), 0)
  })
})
