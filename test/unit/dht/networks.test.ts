import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { address } from '../../../src/core/address.ts'
import { sourceOf, subnetOf, wideNetworkOf } from '../../../src/dht/networks.ts'

suite('networks', () => {
  it('are told by the beginning of an address', () => {
    assert.equal(subnetOf('203.0.113.7'), subnetOf('203.0.113.200'))
    assert.notEqual(subnetOf('203.0.113.7'), subnetOf('203.0.114.7'))
    assert.equal(subnetOf('2001:db8:1:2::1'), subnetOf('2001:db8:1:2:3::'))
    assert.notEqual(subnetOf('2001:db8:1:2::1'), subnetOf('2001:db8:1:3::1'))
    assert.equal(wideNetworkOf('203.0.1.1'), wideNetworkOf('203.0.2.2'))
    assert.notEqual(wideNetworkOf('203.0.1.1'), wideNetworkOf('203.1.1.1'))
  })

  it('do not count where only we or our network reach', () => {
    for (const host of ['127.0.0.1', '10.0.0.1', 'fe80::1', '::1']) {
      assert.equal(subnetOf(host), null)
      assert.equal(wideNetworkOf(host), null)
    }
  })

  it('one source is a global host, of IPv6 its subnet, and here each port', () => {
    const same = (a: string, b: string, ports = [1, 2]): boolean =>
      sourceOf(address(a, ports[0]!)) === sourceOf(address(b, ports[1]!))
    assert.ok(same('203.0.113.7', '203.0.113.7'))
    assert.ok(!same('203.0.113.7', '203.0.113.8'))
    assert.ok(same('2001:db8:1:2::1', '2001:db8:1:2::9'))
    assert.ok(!same('127.0.0.1', '127.0.0.1'))
    assert.ok(same('127.0.0.1', '127.0.0.1', [1, 1]))
  })
})
