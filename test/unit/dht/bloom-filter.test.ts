import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { formatHex } from '../../../src/core/bytes.ts'
import { BloomFilter } from '../../../src/dht/bloom-filter.ts'
import { testDigest } from '../../support/hash-plan.ts'

/** Of BEP 33. */
const VECTOR = `F6C3F5EA A07FFD91 BDE89F77 7F26FB2B FF37BDB8 FB2BBAA2 FD3DDDE7 BACFFF75 EE7CCBAE
 FE5EEDB1 FBFAFF67 F6ABFF5E 43DDBCA3 FD9B9FFD F4FFD3E9 DFF12D1B DF59DB53 DBE9FA5B
 7FF3B8FD FCDE1AFB 8BEDD7BE 2F3EE71E BBBFE93B CDEEFE14 8246C2BC 5DBFF7E7 EFDCF24F
 D8DC7ADF FD8FFFDF DDFFF7A4 BBEEDF5C B95CE81F C7FCFF1F F4FFFFDF E5F7FDCB B7FD79B3
 FA1FC77B FE07FFF9 05B7B7FF C7FEFEFF E0B8370B B0CD3F5B 7F2BD93F EB4386CF DD6F7FD5
 BFAF2E9E BFFFFEEC D67ADBF7 C67F17EF D5D75EBA 6FFEBA7F FF47A91E B1BFBB53 E8ABFB57
 62ABE8FF 237279BF EFBFEEF5 FFC5FEBF DFE5ADFF ADFEE1FB 737FFFFB FD9F6AEF FEEE76B6
 FD8F72EF`

function filled(hosts: readonly string[]): BloomFilter {
  const filter = new BloomFilter()
  for (const host of hosts) filter.add(host, testDigest)
  return filter
}

const V4 = Array.from({ length: 256 }, (_, i) => `192.0.2.${i}`)
const V6 = Array.from({ length: 1000 }, (_, i) => `2001:db8::${i.toString(16)}`)

suite('a set of addresses that can be counted', () => {
  it('is as in BEP 33, and so is its size', () => {
    const filter = filled([...V4, ...V6])
    assert.equal(formatHex(filter.bytes).toUpperCase(), VECTOR.replace(/\s/g, ''))
    assert.ok(Math.abs(filter.estimate() - 1224.9308) < 0.001)
  })

  it('joined with another has what both have', () => {
    const joined = filled(V4)
    joined.join(filled(V6))
    assert.deepEqual(joined.bytes, filled([...V4, ...V6]).bytes)
  })

  it('is empty at first, and finite when it is full', () => {
    assert.equal(new BloomFilter().estimate(), 0)
    assert.ok(Number.isFinite(new BloomFilter(new Uint8Array(256).fill(255)).estimate()))
  })

  it('is read from 256 bytes and from nothing else', () => {
    assert.deepEqual(BloomFilter.from(filled(V4).bytes)?.bytes, filled(V4).bytes)
    assert.equal(BloomFilter.from(new Uint8Array(255)), null)
    assert.equal(BloomFilter.from(null), null)
  })
})
