import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asDict, type BencodeDict } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode, RawBencode } from '../../../src/bencode/encode.ts'
import { formatHex, latin1Bytes, latin1Text, NO_BYTES, parseHex } from '../../../src/core/bytes.ts'
import { isGenuine, type MutableItem, readItem, signedBytes, targetOf } from '../../../src/dht/item.ts'
import { nodeSignatures } from '../../../src/net/node-signatures.ts'
import { testDigest } from '../../support/hash-plan.ts'

/** Of BEP 44. */
const VALUE = latin1Bytes('12:Hello World!')
const PUBLIC_KEY = parseHex('77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548')
const PLAIN: MutableItem = {
  value: VALUE,
  publicKey: PUBLIC_KEY,
  salt: NO_BYTES,
  sequence: 1,
  signature: parseHex(
    '305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01',
  ),
}
const SALTED: MutableItem = {
  ...PLAIN,
  salt: latin1Bytes('foobar'),
  signature: parseHex(
    '6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17ddf9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08',
  ),
}
const tools = { digest: testDigest, signatures: nodeSignatures }

function values(fields: Record<string, Encodable | undefined>): BencodeDict {
  return asDict(decodeBencode(encodeBencode(fields)))!
}

function fieldsOf(item: MutableItem): Record<string, Encodable> {
  return { v: new RawBencode(item.value), k: item.publicKey, sig: item.signature, seq: item.sequence }
}

describe('an item', () => {
  it('is signed as in BEP 44, with a salt and without', () => {
    assert.equal(latin1Text(signedBytes(PLAIN)), '3:seqi1e1:v12:Hello World!')
    assert.equal(latin1Text(signedBytes(SALTED)), '4:salt6:foobar3:seqi1e1:v12:Hello World!')
    assert.ok(isGenuine(PLAIN, nodeSignatures))
    assert.ok(isGenuine(SALTED, nodeSignatures))
  })

  it('is kept where BEP 44 says', () => {
    assert.equal(formatHex(targetOf(PLAIN, testDigest)), '4a533d47ec9c7d95b1ad75f576cffc641853b750')
    assert.equal(formatHex(targetOf(SALTED, testDigest)), '411eba73b6f087ca51a3795d9c8c938d365e32c1')
    assert.equal(
      formatHex(targetOf({ value: VALUE }, testDigest)),
      'e5f96f6f38320f0f33959cb4d3d656452117aadb',
    )
  })

  it('is not its owner’s where anything of it is another, or too large', () => {
    for (const change of [
      { sequence: 2 },
      { sequence: 1.5 },
      { value: latin1Bytes('12:Hello World?') },
      { value: latin1Bytes(`1000:${'x'.repeat(1000)}`) },
      { salt: latin1Bytes('x') },
      { salt: new Uint8Array(65) },
      { publicKey: new Uint8Array(32) },
      { publicKey: new Uint8Array(31) },
      { signature: new Uint8Array(64) },
      { signature: new Uint8Array(63) },
    ])
      assert.equal(
        isGenuine({ ...PLAIN, ...change }, nodeSignatures),
        false,
        JSON.stringify(Object.keys(change)),
      )
  })
})

describe('an item in an answer', () => {
  const target = targetOf(SALTED, testDigest)
  const asked = { target, salt: SALTED.salt }

  it('is read where it is the one that was asked for', () => {
    assert.deepEqual(readItem(values(fieldsOf(SALTED)), asked, tools), SALTED)
    const still = { target: testDigest.sha1(VALUE), salt: NO_BYTES }
    assert.deepEqual(readItem(values({ v: new RawBencode(VALUE) }), still, tools), { value: VALUE })
  })

  it('is none where it is another, or forged', () => {
    assert.equal(readItem(values({}), asked, tools), null)
    assert.equal(readItem(values({ v: 'x' }), asked, tools), null)
    assert.equal(readItem(values(fieldsOf(PLAIN)), asked, tools), null)
    assert.equal(readItem(values({ ...fieldsOf(SALTED), seq: 2 }), asked, tools), null)
    assert.equal(readItem(values({ ...fieldsOf(SALTED), seq: 'x' }), asked, tools), null)
    assert.equal(readItem(values({ ...fieldsOf(SALTED), sig: 5 }), asked, tools), null)
    assert.equal(readItem(values({ ...fieldsOf(SALTED), k: new Uint8Array(5) }), asked, tools), null)
    assert.equal(readItem(values({ v: 'x'.repeat(1001) }), asked, tools), null)
  })
})
