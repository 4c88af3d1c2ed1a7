import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asDict } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { concatBytes, latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import { parseInfo, readInfo } from '../../../src/metainfo/info.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { makeTorrent } from '../../support/torrents.ts'

const UNSORTED = latin1Bytes(`d4:name4:temp12:piece lengthi16384e6:pieces20:${'x'.repeat(20)}6:lengthi425ee`)

function infoBytes(format: 'v1' | 'v2' | 'hybrid'): Uint8Array {
  return makeTorrent({ a: 40_000, b: 5 }, { format }).info.bytes
}

describe('an info dictionary', () => {
  for (const format of ['v1', 'v2', 'hybrid'] as const) {
    test(`is hashed as it was received (${format})`, () => {
      const bytes = infoBytes(format)
      const { hashes, version } = parseInfo(bytes, testDigest)
      assert.equal(version, format)
      assert.deepEqual(hashes, {
        ...(format !== 'v2' && { v1: testDigest.sha1(bytes) }),
        ...(format !== 'v1' && { v2: testDigest.sha256(bytes) }),
      })
    })
  }

  test('of v1 may be unsorted: the raw bytes count, and there is a warning', () => {
    const info = parseInfo(UNSORTED, testDigest)
    assert.deepEqual(info.hashes, { v1: testDigest.sha1(UNSORTED) })
    assert.deepEqual(
      info.warnings.map(({ code }) => code),
      ['bencode-unsorted-keys'],
    )
  })

  test('is refused for the same when read strictly', () => {
    assert.throws(() => parseInfo(UNSORTED, testDigest, { isStrict: true }), {
      code: 'bencode-unsorted-keys',
    })
  })

  test('of v2 is refused for the same in any case', () => {
    const text = latin1Text(infoBytes('v2'))
      .replace('12:meta versioni2e', '')
      .replace(/e$/, '12:meta versioni2ee')
    assert.throws(() => parseInfo(latin1Bytes(text), testDigest), { code: 'bencode-unsorted-keys' })
  })

  test('is a copy that does not change with what it was read from', () => {
    const bytes = Buffer.from(infoBytes('hybrid'))
    const info = parseInfo(bytes, testDigest)
    const before = [info.bytes.slice(), info.pieces!.slice(), info.files[0]!.piecesRoot!.slice()]
    bytes.fill(0)
    assert.deepEqual([info.bytes, info.pieces, info.files[0]!.piecesRoot], before)
  })

  test('has the hashes of its pieces only in v1 and hybrids', () => {
    assert.equal(parseInfo(infoBytes('v1'), testDigest).pieces?.length, 2 * 20)
    assert.equal(parseInfo(infoBytes('hybrid'), testDigest).pieces?.length, 3 * 20)
    assert.equal(parseInfo(infoBytes('v2'), testDigest).pieces, null)
  })

  test('lays out v2 alone aligned, and all else packed', () => {
    const layouts = (['v1', 'v2', 'hybrid'] as const).map(
      format => parseInfo(infoBytes(format), testDigest).geometry.layout,
    )
    assert.deepEqual(layouts, ['packed', 'aligned', 'packed'])
  })

  test('decoded before gives the same', () => {
    const bytes = infoBytes('hybrid')
    assert.deepEqual(readInfo(asDict(decodeBencode(bytes))!, bytes, testDigest), parseInfo(bytes, testDigest))
  })

  test('is refused with anything behind it', () => {
    assert.throws(() => parseInfo(concatBytes([infoBytes('v1'), latin1Bytes('x')]), testDigest), {
      code: 'bencode-trailing-bytes',
    })
  })

  test('is refused where it is no dictionary', () => {
    assert.throws(() => parseInfo(latin1Bytes('le'), testDigest), { code: 'info-missing' })
  })
})
