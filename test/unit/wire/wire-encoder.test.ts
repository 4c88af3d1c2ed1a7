import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { concatBytes } from '../../../src/core/bytes.ts'
import { MESSAGE_ID } from '../../../src/wire/messages.ts'
import { PIECE_HEADER_LENGTH, WireEncoder, writePieceHeader } from '../../../src/wire/wire-encoder.ts'
import { counted, decodeChunks, KEEP_ALIVE, message, u32 } from './wire-bytes.ts'

const ROOT = new Uint8Array(32).fill(9)
const REQUEST = { piecesRoot: ROOT, baseLayer: 0, index: 4, length: 2, proofLayers: 3 }

/** All that waits, as separate outputs. */
function outputs(encoder: WireEncoder): Uint8Array[] {
  const all: Uint8Array[] = []
  for (let next = encoder.take(); next !== null; next = encoder.take()) all.push(next.bytes)
  return all
}

suite('WireEncoder', () => {
  const messages: [name: string, write: (encoder: WireEncoder) => void, bytes: Uint8Array][] = [
    ['keep-alive', encoder => encoder.keepAlive(), KEEP_ALIVE],
    ['CHOKE', encoder => encoder.flag(MESSAGE_ID.CHOKE), message(0)],
    ['HAVE', encoder => encoder.piece(MESSAGE_ID.HAVE, 0x01020304), message(4, u32(0x01020304))],
    ['BITFIELD', encoder => encoder.bitfield(counted(3)), message(5, counted(3))],
    ['REQUEST', encoder => encoder.stretch(MESSAGE_ID.REQUEST, 1, 2, 3), message(6, u32(1, 2, 3))],
    ['PORT', encoder => encoder.port(6881), message(9, new Uint8Array([0x1a, 0xe1]))],
    ['EXTENDED', encoder => encoder.extended(3, counted(2)), message(20, new Uint8Array([3, 0, 1]))],
    [
      'EXTENDED with a body',
      encoder => encoder.extended(3, counted(2), counted(1)),
      message(20, new Uint8Array([3, 0, 1, 0])),
    ],
    [
      'HASH REQUEST',
      encoder => encoder.hashes(MESSAGE_ID.HASH_REQUEST, REQUEST),
      message(21, ROOT, u32(0, 4, 2, 3)),
    ],
    [
      'HASHES',
      encoder => encoder.hashes(MESSAGE_ID.HASHES, REQUEST, counted(64)),
      message(22, ROOT, u32(0, 4, 2, 3), counted(64)),
    ],
  ]
  for (const [name, write, bytes] of messages) {
    it(`writes ${name}`, () => {
      const encoder = new WireEncoder()
      write(encoder)
      assert.equal(encoder.queuedBytes, bytes.length)
      assert.deepEqual(outputs(encoder), [bytes])
      assert.equal(encoder.queuedBytes, 0)
      assert.ok(encoder.isEmpty)
    })
  }

  it('makes one output of all that is written before it is taken', () => {
    const encoder = new WireEncoder()
    for (let i = 0; i < 1_000; i++) encoder.stretch(MESSAGE_ID.REQUEST, i, 0, 16_384)
    const [bytes, ...more] = outputs(encoder)
    assert.equal(bytes?.length, 17_000)
    assert.equal(more.length, 0)
    assert.deepEqual(
      decodeChunks([bytes]).map(each => 'piece' in each && each.piece),
      Array.from({ length: 1_000 }, (_, i) => i),
    )
  })

  it('never writes again into what was taken', () => {
    const encoder = new WireEncoder()
    encoder.piece(MESSAGE_ID.HAVE, 1)
    const taken = encoder.take()
    encoder.piece(MESSAGE_ID.HAVE, 2)
    assert.deepEqual(taken?.bytes, message(4, u32(1)))
    assert.deepEqual(outputs(encoder), [message(4, u32(2))])
  })

  it('puts a run in its place in the order, as it is and with its callback', () => {
    const encoder = new WireEncoder()
    const run = counted(40)
    const taken = () => {}
    encoder.flag(MESSAGE_ID.UNCHOKE)
    encoder.run(run, taken)
    encoder.run(run)
    encoder.flag(MESSAGE_ID.CHOKE)
    assert.equal(encoder.queuedBytes, 10)
    assert.deepEqual(encoder.take()?.bytes, message(1))
    const output = encoder.take()
    assert.equal(output?.bytes, run)
    assert.equal(output.taken, taken)
    assert.equal(encoder.queuedBytes, 5)
    assert.equal('taken' in (encoder.take() ?? {}), false)
    assert.deepEqual(encoder.take()?.bytes, message(0))
    assert.equal(encoder.take(), null)
  })

  it('gives runs back when it is emptied', () => {
    const encoder = new WireEncoder()
    let back = 0
    encoder.run(counted(4), () => back++)
    encoder.flag(MESSAGE_ID.CHOKE)
    encoder.run(counted(4), () => back++)
    encoder.drop()
    assert.equal(back, 2)
    assert.ok(encoder.isEmpty)
  })
})

it('writePieceHeader leaves the bytes behind it to the payload', () => {
  const target = new Uint8Array(2 + PIECE_HEADER_LENGTH + 5)
  writePieceHeader(target, 2, 7, 16_384, 5)
  target.set(counted(5), 2 + PIECE_HEADER_LENGTH)
  assert.deepEqual(target.subarray(2), message(7, u32(7, 16_384), counted(5)))
  assert.deepEqual(concatBytes([target.subarray(0, 2)]), new Uint8Array(2))
})
