import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { concatBytes, latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import { decodeTorrentPointer, encodeTorrentPointer } from '../../../src/metainfo/torrent-pointer.ts'

const V1 = latin1Bytes('1'.repeat(20))
const V2 = latin1Bytes('2'.repeat(32))

const decode = (text: string) => decodeTorrentPointer(decodeBencode(latin1Bytes(text)))

suite('a pointer to a torrent', () => {
  it('is written as in BEP 46, with the whole v2 hash beside it where there is one', () => {
    assert.equal(latin1Text(encodeTorrentPointer({ v1: V1 })), `d2:ih20:${'1'.repeat(20)}e`)
    assert.equal(
      latin1Text(encodeTorrentPointer({ v2: V2 })),
      `d2:ih20:${'2'.repeat(20)}3:ih232:${'2'.repeat(32)}e`,
    )
  })

  it('is read back, of every version', () => {
    for (const hashes of [{ v1: V1 }, { v2: V2 }, { v1: V1, v2: V2 }])
      assert.deepEqual(decodeTorrentPointer(decodeBencode(encodeTorrentPointer(hashes))), hashes)
  })

  it('does not hold on to the bytes that it was read from', () => {
    const bytes = concatBytes([encodeTorrentPointer({ v1: V1, v2: V2 })])
    const hashes = decodeTorrentPointer(decodeBencode(bytes))
    bytes.fill(0)
    assert.deepEqual(hashes, { v1: V1, v2: V2 })
  })

  it('to no torrent is none', () => {
    for (const text of [
      'de',
      'le',
      'i1e',
      '2:ih',
      'd2:ihi1ee',
      `d2:ih19:${'1'.repeat(19)}e`,
      'd3:ih24:abcde',
    ])
      assert.equal(decode(text), null, text)
    assert.equal(decodeTorrentPointer(undefined), null)
  })
})
