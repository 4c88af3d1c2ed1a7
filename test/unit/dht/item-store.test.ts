import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { latin1Bytes, NO_BYTES } from '../../../src/core/bytes.ts'
import type { MutableItem } from '../../../src/dht/item.ts'
import { ItemStore } from '../../../src/dht/item-store.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'
import { DHT_DEFAULTS } from '../../../src/dht/options.ts'

const TARGET = new Uint8Array(20)

function item(sequence: number, value = '1:a'): MutableItem {
  const publicKey = new Uint8Array(32)
  return { value: latin1Bytes(value), publicKey, salt: NO_BYTES, sequence, signature: new Uint8Array(64) }
}

suite('stored items', () => {
  it('give way to newer ones, and to the same again', () => {
    const store = new ItemStore()
    assert.ok(store.put(TARGET, item(5), 0))
    assert.ok(!store.put(TARGET, item(4), 0))
    assert.ok(!store.put(TARGET, item(5, '1:b'), 0))
    assert.ok(store.put(TARGET, item(5), 0))
    assert.ok(store.put(TARGET, item(6, '1:b'), 0))
    assert.deepEqual(store.get(TARGET, 0), item(6, '1:b'))
  })

  it('are forgotten after a while, unless they are put again', () => {
    const store = new ItemStore()
    const { itemLifetime } = DHT_DEFAULTS
    store.put(TARGET, item(1), 0)
    store.put(TARGET, item(1), 1000)
    assert.notEqual(store.get(TARGET, itemLifetime), null)
    assert.equal(store.get(TARGET, itemLifetime + 1000), null)
    assert.equal(store.size, 0)
  })

  it('are so many: what was put longest ago goes', () => {
    const store = new ItemStore()
    const at = (i: number): Uint8Array =>
      Uint8Array.from({ length: 20 }, (_, byte) => (byte < 2 ? i >> (8 * byte) : 0))
    for (let i = 0; i <= DHT_LIMITS.storedItems; i++) store.put(at(i), item(1), 0)
    assert.equal(store.size, DHT_LIMITS.storedItems)
    assert.equal(store.get(at(0), 0), null)
    assert.notEqual(store.get(at(1), 0), null)
  })
})
