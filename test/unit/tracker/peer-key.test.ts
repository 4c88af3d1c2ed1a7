import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { hostBytes } from '../../../src/core/address.ts'
import { mix, PeerKey } from '../../../src/tracker/peer-key.ts'

const GLOBAL = 0
const PRIVATE = 1

function key(host: string, port: number, reach = GLOBAL, seed = 1): PeerKey {
  const bytes = hostBytes(host)
  return new PeerKey(bytes.length === 4 ? 4 : 6, seed).fill(bytes, port, reach)
}

suite('PeerKey', () => {
  test('is written as it goes on the wire', () => {
    const halves = new Uint16Array(4)
    key('192.0.2.1', 0x1ae1).writeTo(halves, 1)
    assert.deepEqual([...new Uint8Array(halves.buffer)], [0, 0, 192, 0, 2, 1, 0x1a, 0xe1])
  })

  test('finds itself and its host', () => {
    for (const [host, other] of [
      ['192.0.2.1', '192.0.2.2'],
      ['2001:db8::1', '2001:db8:0:1::1'],
    ] as const) {
      const mine = key(host, 6881)
      const halves = new Uint16Array(mine.width)
      mine.writeTo(halves, 0)
      assert.equal(mine.isAt(halves, 0), true)
      assert.equal(key(host, 6882).isAt(halves, 0), false)
      assert.equal(key(host, 6882).isHostAt(halves, 0), true)
      assert.equal(key(other, 6881).isAt(halves, 0), false)
      assert.equal(key(other, 6881).isHostAt(halves, 0), false)
    }
  })

  test('takes a /64 for one host', () => {
    const halves = new Uint16Array(9)
    key('2001:db8::1', 1).writeTo(halves, 0)
    assert.equal(key('2001:db8::2', 1).isHostAt(halves, 0), true)
    assert.equal(key('2001:db8::2', 1).isAt(halves, 0), false)
    assert.equal(key('2001:db8::2', 1).hash, key('2001:db8::1', 9).hash)
  })

  test('hashes global addresses by host, local ones by port too', () => {
    assert.equal(key('192.0.2.1', 1).hash, key('192.0.2.1', 2).hash)
    assert.notEqual(key('10.0.0.1', 1, PRIVATE).hash, key('10.0.0.1', 2, PRIVATE).hash)
  })

  test('hashes a written address as its key', () => {
    const mine = key('2001:db8::1', 77, PRIVATE)
    const halves = new Uint16Array(mine.width)
    mine.writeTo(halves, 0)
    assert.equal(mine.hashOf(halves, 0, PRIVATE), mine.hash)
  })

  test('hashes differently with another secret', () => {
    assert.notEqual(key('192.0.2.1', 1, GLOBAL, 1).hash, key('192.0.2.1', 1, GLOBAL, 2).hash)
  })
})

suite('mix', () => {
  test('spreads neighbours over all buckets', () => {
    const counts = Array.from({ length: 64 }, () => 0)
    for (let i = 0; i < 6400; i++) counts[mix(i) & 63]!++
    assert.ok(Math.min(...counts) > 50 && Math.max(...counts) < 160)
  })
})
