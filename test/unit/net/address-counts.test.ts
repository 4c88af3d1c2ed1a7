import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AddressCounts } from '../../../src/net/address-counts.ts'

describe('AddressCounts', () => {
  it('takes so many from one IPv4 address', () => {
    const counts = new AddressCounts({ limit: 100, perAddress: 2 })
    assert.deepEqual(
      [1, 2, 3].map(() => counts.add('192.0.2.1')),
      [true, true, false],
    )
    assert.ok(counts.add('192.0.2.2'))
    counts.remove('192.0.2.1')
    assert.ok(counts.add('192.0.2.1'))
    assert.equal(counts.all, 3)
  })

  it('takes a /64 for one address', () => {
    const counts = new AddressCounts({ limit: 100, perAddress: 1 })
    assert.ok(counts.add('2001:db8:1:2::1'))
    assert.ok(!counts.add('2001:db8:1:2:ffff::9'))
    assert.ok(counts.add('2001:db8:1:3::1'))
  })

  it('does not hold this machine to it, but to the limit in all', () => {
    const counts = new AddressCounts({ limit: 3, perAddress: 1 })
    assert.ok(counts.add('127.0.0.1') && counts.add('127.0.0.1') && counts.add('::1'))
    assert.ok(!counts.add('::1') && !counts.add('192.0.2.1'))
    counts.remove('127.0.0.1')
    assert.ok(counts.add('192.0.2.1'))
  })

  it('removes only what it counted', () => {
    const counts = new AddressCounts({ limit: 3, perAddress: 1 })
    counts.remove('192.0.2.1')
    assert.equal(counts.all, 0)
  })
})
