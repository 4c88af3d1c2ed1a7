import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BlockPlace } from '../../../src/swarm/block-place.ts'

const block = { piece: 3, begin: 16_384, length: 5 }
const bytes = (text: string) => new TextEncoder().encode(text)

describe('BlockPlace', () => {
  it('puts fragments one after another', () => {
    const target = new Uint8Array(5)
    const place = new BlockPlace(block, {}, target)
    for (const fragment of ['sh', '', 'o', 'al']) {
      assert.equal(place.isWhole, false)
      place.write(bytes(fragment))
    }
    assert.equal(place.isWhole, true)
    assert.deepEqual(target, bytes('shoal'))
  })

  it('says which block it is for', () => {
    const { piece, begin, length } = new BlockPlace(block, {}, new Uint8Array(5))
    assert.deepEqual({ piece, begin, length }, block)
  })

  it('takes nothing after it was revoked, and never becomes whole', () => {
    const target = new Uint8Array(5)
    const place = new BlockPlace(block, {}, target)
    place.write(bytes('sh'))
    place.revoke()
    place.write(bytes('oal'))
    assert.deepEqual(target, Uint8Array.of(115, 104, 0, 0, 0))
    assert.equal(place.isWhole, false)
    assert.equal(place.bytes, null)
  })

  it('never writes past its end', () => {
    const place = new BlockPlace(block, {}, new Uint8Array(8).subarray(0, 5))
    assert.throws(() => place.write(bytes('shoals')), RangeError)
  })
})
