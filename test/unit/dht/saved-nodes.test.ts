import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { address } from '../../../src/core/address.ts'
import { latin1Bytes } from '../../../src/core/bytes.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'
import { decodeSavedNodes, encodeSavedNodes } from '../../../src/dht/saved-nodes.ts'

const ID = new Uint8Array(20).fill(7)

suite('nodes that are remembered', () => {
  it('are written and read back, by family', () => {
    const nodes = new Map([
      [
        4 as const,
        { id: ID, contacts: [{ id: new Uint8Array(20).fill(1), address: address('192.0.2.1', 1) }] },
      ],
      [
        6 as const,
        { id: ID, contacts: [{ id: new Uint8Array(20).fill(2), address: address('2001:db8::1', 1) }] },
      ],
    ])
    assert.deepEqual(decodeSavedNodes(encodeSavedNodes(nodes)), nodes)
  })

  it('are so many', () => {
    const contacts = Array.from({ length: DHT_LIMITS.savedNodes + 5 }, (_, i) => ({
      id: new Uint8Array(20).fill(1),
      address: address('192.0.2.1', i + 1),
    }))
    const read = decodeSavedNodes(encodeSavedNodes(new Map([[4, { id: ID, contacts }]])))
    assert.equal(read.get(4)?.contacts.length, DHT_LIMITS.savedNodes)
  })

  it('are nothing where they cannot be read', () => {
    for (const text of ['', 'x', 'le', 'd2:v4le2:v6i1ee', 'd2:v4d2:id3:abcee'])
      assert.equal(decodeSavedNodes(latin1Bytes(text)).size, 0, text)
    assert.equal(decodeSavedNodes(null).size, 0)
  })
})
