import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { concatBytes, NO_BYTES } from '../../../src/core/bytes.ts'
import { ProtocolError } from '../../../src/core/errors.ts'
import { WireDecoder } from '../../../src/wire/wire-decoder.ts'
import {
  claim,
  counted,
  decodeChunks,
  everySplit,
  KEEP_ALIVE,
  message,
  u32,
  type Whole,
} from './wire-bytes.ts'

const ROOT = new Uint8Array(32).fill(9)
const REQUEST = { piecesRoot: ROOT, baseLayer: 0, index: 4, length: 2, proofLayers: 3 }
const REQUEST_BYTES = concatBytes([ROOT, u32(0, 4, 2, 3)])

const CASES: [name: string, bytes: Uint8Array, decoded: Whole][] = [
  ['keep-alive', KEEP_ALIVE, { type: 'keep-alive' }],
  ['CHOKE', message(0), { type: 'choked' }],
  ['UNCHOKE', message(1), { type: 'unchoked' }],
  ['INTERESTED', message(2), { type: 'interested' }],
  ['NOT INTERESTED', message(3), { type: 'not-interested' }],
  ['HAVE', message(4, u32(7)), { type: 'have', piece: 7 }],
  ['HAVE of the last index there is', message(4, u32(0xffffffff)), { type: 'have', piece: 0xffffffff }],
  ['BITFIELD', message(5, counted(3)), { type: 'bitfield-bytes', bytes: counted(3) }],
  ['BITFIELD that is long', message(5, counted(90)), { type: 'bitfield-bytes', bytes: counted(90) }],
  ['REQUEST', message(6, u32(1, 2, 3)), { type: 'request', piece: 1, begin: 2, length: 3 }],
  [
    'PIECE',
    message(7, u32(1, 2), counted(40)),
    { type: 'piece', piece: 1, begin: 2, length: 40, bytes: counted(40) },
  ],
  [
    'PIECE of one byte',
    message(7, u32(1, 2), counted(1)),
    { type: 'piece', piece: 1, begin: 2, length: 1, bytes: counted(1) },
  ],
  ['CANCEL', message(8, u32(1, 2, 3)), { type: 'cancel', piece: 1, begin: 2, length: 3 }],
  ['PORT', message(9, new Uint8Array([0x1a, 0xe1])), { type: 'port', port: 6881 }],
  ['SUGGEST', message(13, u32(5)), { type: 'suggested', piece: 5 }],
  ['HAVE ALL', message(14), { type: 'have-all' }],
  ['HAVE NONE', message(15), { type: 'have-none' }],
  ['REJECT', message(16, u32(1, 2, 3)), { type: 'rejected', piece: 1, begin: 2, length: 3 }],
  ['ALLOWED FAST', message(17, u32(5)), { type: 'allowed-fast', piece: 5 }],
  ['EXTENDED', message(20, counted(4)), { type: 'extended-message', id: 0, payload: counted(4).subarray(1) }],
  [
    'EXTENDED without payload',
    message(20, new Uint8Array([3])),
    { type: 'extended-message', id: 3, payload: NO_BYTES },
  ],
  ['HASH REQUEST', message(21, REQUEST_BYTES), { type: 'hash-request', request: REQUEST }],
  [
    'HASHES',
    message(22, REQUEST_BYTES, counted(96)),
    { type: 'hashes', request: REQUEST, hashes: counted(96) },
  ],
  ['HASH REJECT', message(23, REQUEST_BYTES), { type: 'hash-rejected', request: REQUEST }],
  ['an unknown message', message(99, counted(20)), { type: 'unknown', id: 99, length: 20 }],
  ['an unknown message without payload', message(12), { type: 'unknown', id: 12, length: 0 }],
]

suite('WireDecoder', () => {
  for (const [name, bytes, decoded] of CASES) {
    it(`reads ${name} whole, byte by byte and at every split`, () => {
      for (const chunks of everySplit(bytes)) assert.deepEqual(decodeChunks(chunks), [decoded])
    })

    it(`reads ${name} between other messages, cut anywhere`, () => {
      const stream = concatBytes([message(4, u32(1)), bytes, message(1), bytes])
      const expected = [{ type: 'have', piece: 1 }, decoded, { type: 'unchoked' }, decoded]
      for (const chunks of everySplit(stream)) assert.deepEqual(decodeChunks(chunks), expected)
    })
  }

  it('hands out the payload of a block as views on the chunk, and never keeps it', () => {
    const decoder = new WireDecoder()
    const bytes = message(7, u32(3, 0), counted(100))
    decoder.push(bytes.subarray(0, 50))
    assert.deepEqual(decoder.next(), { type: 'block-start', piece: 3, begin: 0, length: 100 })
    const data = decoder.next()
    assert.ok(data?.type === 'block-data')
    assert.equal(data.bytes.buffer, bytes.buffer)
    assert.equal(data.bytes.length, 37)
    assert.equal(decoder.next(), null)
    decoder.push(bytes.subarray(50))
    assert.equal(decoder.next()?.type, 'block-data')
    assert.equal(decoder.next()?.type, 'block-end')
    assert.equal(decoder.next(), null)
  })

  it('keeps views of one chunk apart when two split messages meet in it', () => {
    const first = message(20, new Uint8Array([1, 10, 11, 12]))
    const second = message(20, new Uint8Array([2, 20, 21, 22]))
    const decoder = new WireDecoder()
    decoder.push(first.subarray(0, 3))
    assert.equal(decoder.next(), null)
    decoder.push(concatBytes([first.subarray(3), second.subarray(0, 7)]))
    const message1 = decoder.next()
    assert.equal(decoder.next(), null)
    assert.ok(message1?.type === 'extended-message')
    assert.deepEqual([...message1.payload], [10, 11, 12])
  })

  it('knows the size of a bitfield once it knows the number of pieces', () => {
    assert.deepEqual(decodeChunks([message(5, counted(3))], 3), [
      { type: 'bitfield-bytes', bytes: counted(3) },
    ])
  })

  it('reads on behind a chunk that has no bytes', () => {
    assert.deepEqual(decodeChunks([NO_BYTES, message(0), NO_BYTES]), [{ type: 'choked' }])
  })
})

const REFUSED: [name: string, bytes: Uint8Array, code: string, bitfieldLength?: number][] = [
  ['CHOKE with a payload', claim(0, 1), 'choke-size'],
  ['UNCHOKE with a payload', claim(1, 1), 'unchoke-size'],
  ['INTERESTED with a payload', claim(2, 1), 'interested-size'],
  ['NOT INTERESTED with a payload', claim(3, 1), 'not-interested-size'],
  ['HAVE that is short', claim(4, 3), 'have-size'],
  ['HAVE that is long', claim(4, 5), 'have-size'],
  ['BITFIELD that is short', claim(5, 1), 'bitfield-size', 2],
  ['BITFIELD that is long', claim(5, 3), 'bitfield-size', 2],
  ['BITFIELD of more pieces than any torrent has', claim(5, 262_145), 'bitfield-size'],
  ['REQUEST that is short', claim(6, 11), 'request-size'],
  ['PIECE without a head', claim(7, 7), 'piece-size'],
  ['PIECE without bytes', claim(7, 8), 'piece-empty'],
  ['PIECE of more than 16 KiB', claim(7, 8 + 16_385), 'piece-too-long'],
  ['CANCEL that is long', claim(8, 13), 'cancel-size'],
  ['PORT of one byte', claim(9, 1), 'port-size'],
  ['SUGGEST that is short', claim(13, 0), 'suggest-size'],
  ['HAVE ALL with a payload', claim(14, 4), 'have-all-size'],
  ['HAVE NONE with a payload', claim(15, 4), 'have-none-size'],
  ['REJECT that is short', claim(16, 8), 'reject-size'],
  ['ALLOWED FAST that is long', claim(17, 8), 'allowed-fast-size'],
  ['EXTENDED without an id', claim(20, 0), 'extended-size'],
  ['EXTENDED of more than 64 KiB', claim(20, 65_536), 'extended-too-long'],
  ['HASH REQUEST that is short', claim(21, 47), 'hash-request-size'],
  ['HASHES without a head', claim(22, 47), 'hashes-size'],
  ['HASHES with half a hash', claim(22, 48 + 16), 'hashes-size'],
  ['HASHES of a million', claim(22, 48 + 32_000_000), 'hashes-size'],
  ['HASH REJECT that is long', claim(23, 49), 'hash-reject-size'],
  ['an unknown message above 16 KiB', claim(99, 16_384), 'unknown-message-too-long'],
  ['an unknown message above 1 MiB', claim(99, 1_048_576), 'message-too-long'],
  ['a length with its top bit set', concatBytes([u32(0xffffffff), new Uint8Array([99])]), 'message-too-long'],
]

suite('WireDecoder refuses', () => {
  for (const [name, bytes, code, bitfieldLength] of REFUSED) {
    it(`${name}, on its first five bytes`, () => {
      assert.equal(bytes.length, 5)
      for (const chunks of everySplit(bytes)) {
        assert.throws(
          () => decodeChunks(chunks, bitfieldLength),
          error => error instanceof ProtocolError && error.code === code && error.severity === 'disconnect',
        )
      }
    })
  }

  it('nothing at its limits', () => {
    assert.deepEqual(decodeChunks([claim(5, 262_144)]), [])
    assert.deepEqual(decodeChunks([claim(20, 65_535)]), [])
    assert.equal(decodeChunks([message(7, u32(0, 0), counted(16_384))]).length, 1)
    assert.equal(decodeChunks([claim(99, 16_383)]).length, 1)
  })
})
