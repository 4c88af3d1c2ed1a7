import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '../../../src/core/address.ts'
import { latin1Bytes } from '../../../src/core/bytes.ts'
import { crc32c, peerPriority } from '../../../src/swarm/peer-priority.ts'

function priority(a: string, b: string): number | null {
  const [one, other] = [parseAddress(a), parseAddress(b)]
  const found = peerPriority(one, other)
  assert.equal(peerPriority(other, one), found, 'both ends come to the same')
  return found
}

test('CRC-32C of its check value', () => {
  assert.equal(crc32c(latin1Bytes('123456789')), 0xe3069283)
})

test('the examples of BEP 40', () => {
  assert.equal(priority('123.213.32.10:1', '98.76.54.32:2'), 0xec2d7224)
  assert.equal(priority('123.213.32.10:1', '123.213.32.234:2'), 0x99568189)
})

test('in one /16 the third byte counts whole, elsewhere every other bit of it', () => {
  assert.notEqual(priority('10.1.2.3:1', '10.1.160.7:1'), priority('10.1.2.3:1', '10.1.0.7:1'))
  assert.equal(priority('10.1.2.3:1', '10.2.160.7:1'), priority('10.1.2.3:1', '10.2.0.7:1'))
})

test('in one IPv6 /48 the seventh byte counts whole', () => {
  const ours = '[2001:db8:1:100::1]:1'
  assert.notEqual(priority(ours, '[2001:db8:1:a000::1]:1'), priority(ours, '[2001:db8:1:0::1]:1'))
  assert.equal(priority(ours, '[2001:db8:2:a000::1]:1'), priority(ours, '[2001:db8:2:0::1]:1'))
})

test('on one host the ports decide', () => {
  assert.equal(priority('10.0.0.1:258', '10.0.0.1:1027'), crc32c(Uint8Array.of(1, 2, 4, 3)))
})

test('there is none between families', () => {
  assert.equal(priority('10.0.0.1:1', '[2001:db8::1]:1'), null)
})
