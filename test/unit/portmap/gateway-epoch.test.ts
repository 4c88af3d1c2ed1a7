import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { GatewayEpoch } from '../../../src/portmap/gateway-epoch.ts'

function heard(...pairs: [epoch: number, now: number][]): boolean {
  const epoch = new GatewayEpoch()
  return pairs.map(([seconds, now]) => epoch.heard(seconds, now)).at(-1)!
}

suite('GatewayEpoch', () => {
  test('believes what it hears first', () => assert.ok(heard([12345, 0])))
  test('goes along with a clock like ours', () => assert.ok(heard([100, 0], [3700, 3_600_000])))
  test('allows a second back, as datagrams may pass one another', () => {
    assert.ok(heard([100, 0], [99, 0]))
    assert.ok(!heard([100, 0], [98, 0]))
  })
  test('notices a router that began anew', () => assert.ok(!heard([100, 0], [5, 60_000])))
  test('notices one that began anew and ran on past where it was', () => {
    assert.ok(!heard([100, 0], [200, 300_000]))
  })
  test('notices one whose clock ran ahead', () => assert.ok(!heard([100, 0], [10_000, 60_000])))
  test('allows a clock that is a sixteenth off, and two seconds', () => {
    assert.ok(heard([0, 0], [936, 1_000_000]))
    assert.ok(!heard([0, 0], [935, 1_000_000]))
    assert.ok(heard([0, 0], [1000, 936_000]))
    assert.ok(!heard([0, 0], [1000, 935_000]))
  })
  test('is asked anew from what it heard last', () => {
    assert.ok(heard([100, 0], [5, 60_000], [65, 120_000]))
  })
  test('forgets', () => {
    const epoch = new GatewayEpoch()
    epoch.heard(100, 0)
    epoch.forget()
    assert.ok(epoch.heard(5, 1))
  })
})
