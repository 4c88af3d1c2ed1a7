import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { address } from '../../../src/core/address.ts'
import { concatBytes, formatHex } from '../../../src/core/bytes.ts'
import { contactLength, decodeContacts, encodeContacts } from '../../../src/dht/contact.ts'

const A = { id: new Uint8Array(20).fill(1), address: address('192.0.2.1', 6881) }
const B = { id: new Uint8Array(20).fill(2), address: address('192.0.2.2', 1) }
const C = { id: new Uint8Array(20).fill(3), address: address('2001:db8::3', 6881) }

suite('nodes in messages', () => {
  it('are an id, an address and a port', () => {
    assert.equal(formatHex(encodeContacts([A])), `${'01'.repeat(20)}c00002011ae1`)
    assert.equal(encodeContacts([C]).length, contactLength(6))
  })

  it('are read back, of either family', () => {
    assert.deepEqual(decodeContacts(encodeContacts([A, B]), 4, 10), [A, B])
    assert.deepEqual(decodeContacts(encodeContacts([C]), 6, 10), [C])
  })

  it('that are cut off, one too many, without a port, or of the other family are left out', () => {
    const both = encodeContacts([A, B])
    assert.deepEqual(decodeContacts(both.subarray(0, -1), 4, 10), [A])
    assert.deepEqual(decodeContacts(both, 4, 1), [A])
    const portless = { ...A, address: address('192.0.2.1', 0) }
    assert.deepEqual(decodeContacts(encodeContacts([portless, B]), 4, 10), [B])
    const mapped = concatBytes([A.id, new Uint8Array(10), Uint8Array.of(255, 255, 192, 0, 2, 1, 1, 1)])
    assert.deepEqual(decodeContacts(mapped, 6, 10), [])
  })

  it('do not hold on to the datagram', () => {
    const bytes = encodeContacts([A])
    const [read] = decodeContacts(bytes, 4, 1)
    bytes.fill(0)
    assert.deepEqual(read, A)
  })
})
