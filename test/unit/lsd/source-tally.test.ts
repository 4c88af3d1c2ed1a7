import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SourceTally } from '../../../src/lsd/source-tally.ts'

describe('how many announces of one host are heeded', () => {
  it('is twenty at once, then one a second, each host by itself', () => {
    const tally = new SourceTally()
    const heard = (now: number) =>
      Array.from({ length: 25 }, () => tally.mayHear('10.0.0.1', now)).filter(Boolean).length
    assert.equal(heard(0), 20)
    assert.equal(tally.mayHear('10.0.0.2', 0), true)
    assert.equal(heard(999), 0)
    assert.equal(heard(2999), 2)
    assert.equal(heard(1_000_000), 20)
  })

  it('is remembered of 256 hosts', () => {
    const tally = new SourceTally()
    for (let i = 0; i < 20; i++) tally.mayHear('first', 0)
    for (let i = 0; i < 255; i++) tally.mayHear(String(i), 0)
    assert.equal(tally.mayHear('first', 0), false)
    for (let i = 300; i < 556; i++) tally.mayHear(String(i), 0)
    assert.equal(tally.mayHear('first', 0), true)
  })
})
