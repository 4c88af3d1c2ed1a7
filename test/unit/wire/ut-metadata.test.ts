import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { concatBytes, latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import {
  decodeMetadataMessage,
  encodeMetadataHead,
  encodeMetadataReject,
  encodeMetadataRequest,
  METADATA_PIECE_LENGTH,
} from '../../../src/wire/ut-metadata.ts'
import { counted } from './wire-bytes.ts'

function decode(head: string, body: Uint8Array = new Uint8Array(0)) {
  return decodeMetadataMessage(concatBytes([latin1Bytes(head), body]))
}

suite('metadata messages', () => {
  it('are written as in the examples of BEP 9', () => {
    assert.equal(latin1Text(encodeMetadataRequest(0)), 'd8:msg_typei0e5:piecei0ee')
    assert.equal(latin1Text(encodeMetadataHead(0, 34256)), 'd8:msg_typei1e5:piecei0e10:total_sizei34256ee')
    assert.equal(latin1Text(encodeMetadataReject(0)), 'd8:msg_typei2e5:piecei0ee')
  })

  it('are read back', () => {
    assert.deepEqual(decodeMetadataMessage(encodeMetadataRequest(3)), { type: 'metadata-request', piece: 3 })
    assert.deepEqual(decodeMetadataMessage(encodeMetadataReject(3)), { type: 'metadata-rejected', piece: 3 })
    const data = concatBytes([encodeMetadataHead(2, 2 * METADATA_PIECE_LENGTH + 5), counted(5)])
    const total = 2 * METADATA_PIECE_LENGTH + 5
    assert.deepEqual(decodeMetadataMessage(data), {
      type: 'metadata-piece',
      piece: 2,
      total,
      bytes: counted(5),
    })
  })

  it('may have keys of their own, in any order', () => {
    assert.deepEqual(decode('d5:piecei1e8:msg_typei0e10:total_sizei99e1:xlee'), {
      type: 'metadata-request',
      piece: 1,
    })
  })

  it('of a kind that BEP 9 does not know are passed over', () => {
    assert.equal(decode('d8:msg_typei9e5:piecei0ee'), null)
  })

  it('carry a piece without a total where the peer does not say', () => {
    assert.deepEqual(decode('d8:msg_typei1e5:piecei0ee', counted(7)), {
      type: 'metadata-piece',
      piece: 0,
      total: null,
      bytes: counted(7),
    })
  })

  const broken = [
    '',
    'x',
    'le',
    'i1e',
    'de',
    'd8:msg_typei0ee',
    'd5:piecei0ee',
    'd8:msg_typei0e5:piecei-1ee',
    'd8:msg_type1:05:piecei0ee',
    'd8:msg_typei0e5:piece1:0e',
    'd8:msg_typei0e5:piecei99999999999999999999ee',
    `d1:a${'l'.repeat(40)}${'e'.repeat(40)}8:msg_typei0e5:piecei0ee`,
  ]
  for (const head of broken) {
    it(`are refused as ${JSON.stringify(head.slice(0, 50))}`, () => {
      assert.throws(() => decode(head), { code: 'metadata-message-invalid' })
    })
  }

  const wrong: [name: string, head: string, length: number][] = [
    ['no bytes', 'd8:msg_typei1e5:piecei0e10:total_sizei5ee', 0],
    ['bytes behind the last', 'd8:msg_typei1e5:piecei0e10:total_sizei5ee', 6],
    ['too few bytes', 'd8:msg_typei1e5:piecei0e10:total_sizei5ee', 4],
    ['a place behind the end', 'd8:msg_typei1e5:piecei1e10:total_sizei5ee', 5],
    ['more than 16 KiB', 'd8:msg_typei1e5:piecei0e10:total_sizei99999ee', 16_385],
    ['less than 16 KiB in the middle', 'd8:msg_typei1e5:piecei0e10:total_sizei99999ee', 16_383],
    ['a negative total', 'd8:msg_typei1e5:piecei0e10:total_sizei-5ee', 5],
    ['more than 16 KiB of an unknown total', 'd8:msg_typei1e5:piecei0ee', 16_385],
  ]
  for (const [name, head, length] of wrong) {
    it(`are refused with ${name}`, () => {
      assert.throws(() => decode(head, new Uint8Array(length)), { code: 'metadata-piece-size' })
    })
  }
})
