import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Channel } from '../../../src/swarm/bandwidth-channel.ts'

describe('Channel', () => {
  it('starts with a block and fills at its rate', () => {
    const channel = new Channel('session', 100_000)
    assert.equal(channel.available(0), 16_384)
    channel.spend(16_384)
    assert.equal(channel.available(50), 5000)
  })

  it('saves up a quarter of a second, or a block where that is more', () => {
    const channel = new Channel('session', 1_000_000)
    assert.equal(channel.available(0), 16_384)
    assert.equal(channel.available(60_000), 250_000)
    const slow = new Channel('slow', 1000)
    slow.available(0)
    assert.equal(slow.available(60_000), 16_384)
  })

  it('saves up two seconds where all is spent and somebody waits: then only a timer is late', () => {
    const channel = new Channel('session', 1_000_000)
    channel.available(0)
    channel.spend(16_384)
    channel.waiters = 1
    channel.available(1)
    channel.spend(1000)
    assert.equal(channel.available(1501), 1_500_000)
    assert.equal(channel.available(1600), 1_500_000, 'what is not fetched then is not wanted')
    channel.spend(1_500_000)
    assert.equal(channel.available(60_000), 2_000_000)
    channel.spend(1_900_000)
    assert.equal(channel.available(70_000), 250_000, 'something was left: another limit holds back who waits')
  })

  it('pays its debts before it grants', () => {
    const channel = new Channel('slow', 1000)
    channel.available(0)
    channel.spend(20_000)
    assert.equal(channel.available(0), -3616)
    assert.equal(channel.readyAt(16_384), 3626)
    assert.equal(channel.available(3626), 10)
  })

  it('has no end without a limit, and grants nothing at a limit of zero', () => {
    const free = new Channel('free', Number.POSITIVE_INFINITY)
    free.spend(1e12)
    assert.equal(free.available(0), Number.POSITIVE_INFINITY)
    assert.equal(free.isLimited, false)
    const shut = new Channel('shut', 0)
    assert.equal(shut.available(0), 0)
    assert.equal(shut.available(1e9), 0)
    assert.equal(shut.readyAt(1), Number.POSITIVE_INFINITY)
  })

  it('is worth looking at after ten milliseconds at least, unless little is wanted', () => {
    const channel = new Channel('fast', 10_000_000)
    channel.available(0)
    channel.spend(16_384)
    assert.equal(channel.readyAt(1_000_000), 10)
    assert.equal(channel.readyAt(20_000), 2)
  })

  it('takes a new limit at once, with nothing saved up beyond it', () => {
    const channel = new Channel('session', 1_000_000)
    channel.available(0)
    channel.available(1000)
    channel.setLimit(100_000)
    assert.equal(channel.available(1000), 25_000)
    channel.spend(25_000)
    channel.setLimit(Number.POSITIVE_INFINITY)
    assert.equal(channel.available(1000), Number.POSITIVE_INFINITY)
    channel.setLimit(200_000)
    assert.equal(channel.available(5000), 16_384)
  })

  it('is full when less is used than it grants, which is not known without a limit', () => {
    const channel = new Channel('session', 1_000_000)
    assert.equal(channel.isFull(0), false, 'it begins with a block')
    assert.equal(channel.isFull(1000), true)
    channel.spend(1)
    assert.equal(channel.isFull(1000), false)
    assert.equal(new Channel('free', Number.POSITIVE_INFINITY).isFull(1000), false)
    assert.equal(new Channel('shut', 0).isFull(1000), false)
  })

  it('shares what it has among those who wait, a block each at least', () => {
    const channel = new Channel('session', 1_000_000)
    channel.available(0)
    channel.available(1000)
    channel.waiters = 5
    assert.equal(channel.share(1, 1000), 50_000)
    channel.spend(200_000)
    assert.equal(channel.share(1, 1000), 50_000, 'the same for all of a round')
    assert.equal(channel.share(2, 1000), 16_384)
  })

  it('forgives overhead beyond ten seconds of its rate', () => {
    const channel = new Channel('session', 100_000)
    channel.charge(50_000_000, 0)
    assert.equal(channel.available(0), -1_000_000)
  })

  it('has again what is returned, up to a second of it, and keeps it until it is used', () => {
    const channel = new Channel('session', 1_000_000)
    channel.available(0)
    channel.spend(400_000)
    assert.equal(channel.available(0), -383_616)
    channel.refund(900_000)
    assert.equal(channel.available(0), 516_384)
    assert.equal(channel.available(1000), 516_384, 'nothing is saved up on top')
    channel.refund(50_000_000)
    assert.equal(channel.available(1000), 1_000_000)
    const slow = new Channel('slow', 1000)
    slow.available(0)
    slow.refund(100_000)
    assert.equal(slow.available(0), 16_384)
    const shut = new Channel('shut', 0)
    shut.refund(100_000)
    assert.equal(shut.available(0), 0)
    const free = new Channel('free', Number.POSITIVE_INFINITY)
    free.refund(100_000)
    free.setLimit(1000)
    assert.equal(free.available(0), 16_384)
  })
})
