import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Rate } from '../../../src/core/rate.ts'

describe('Rate', () => {
  it('is zero before anything came', () => {
    assert.equal(new Rate().perSecond(0), 0)
    assert.equal(new Rate().total, 0)
  })

  it('follows a steady stream within a few percent', () => {
    const rate = new Rate()
    for (let now = 0; now < 20_000; now += 10) {
      rate.add(1000, now)
      if (now > 2000)
        assert.ok(Math.abs(rate.perSecond(now) - 100_000) < 3000, `${rate.perSecond(now)} at ${now}`)
    }
    assert.equal(rate.total, 2_000_000)
  })

  it('does not take one early block for a fast stream', () => {
    const rate = new Rate()
    rate.add(16384, 5)
    assert.equal(rate.perSecond(6), 16384)
    assert.equal(rate.perSecond(2005), 8192)
  })

  it('forgets after its window, but for the total', () => {
    const rate = new Rate()
    rate.add(1_000_000, 100)
    assert.ok(rate.perSecond(4900) > 0)
    assert.equal(rate.perSecond(5600), 0)
    assert.equal(rate.total, 1_000_000)
  })

  it('starts anew after a silence', () => {
    const rate = new Rate()
    rate.add(1_000_000, 0)
    rate.add(1000, 60_000)
    assert.equal(rate.perSecond(60_000), 1000)
    assert.equal(rate.perSecond(62_000), 500)
  })

  it('halves when half as much comes', () => {
    const rate = new Rate()
    for (let now = 0; now < 10_000; now += 100) rate.add(200, now)
    for (let now = 10_000; now < 16_000; now += 100) rate.add(100, now)
    assert.ok(Math.abs(rate.perSecond(15_900) - 1000) < 30)
  })
})
