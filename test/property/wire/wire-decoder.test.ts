import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { concatBytes } from '../../../src/core/bytes.ts'
import { MESSAGE_ID } from '../../../src/wire/messages.ts'
import { WireEncoder, writePieceHeader } from '../../../src/wire/wire-encoder.ts'
import { decodeChunks, type Whole } from '../../unit/wire/wire-bytes.ts'

const u32 = fc.nat(0xffffffff)
const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
const hashRequest = fc.record(
  {
    piecesRoot: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    baseLayer: u32,
    index: u32,
    length: u32,
    proofLayers: u32,
  },
  { noNullPrototype: true },
)

type Written = { decoded: Whole; write: (encoder: WireEncoder) => void }

/** A message with the way it is written and the way it is to be read. */
const anyMessage: fc.Arbitrary<Written> = fc.oneof(
  fc.constant<Written>({ decoded: { type: 'keep-alive' }, write: encoder => encoder.keepAlive() }),
  fc.constant<Written>({ decoded: { type: 'unchoked' }, write: encoder => encoder.flag(MESSAGE_ID.UNCHOKE) }),
  fc.constant<Written>({
    decoded: { type: 'have-all' },
    write: encoder => encoder.flag(MESSAGE_ID.HAVE_ALL),
  }),
  u32.map(
    (piece): Written => ({
      decoded: { type: 'have', piece },
      write: encoder => encoder.piece(MESSAGE_ID.HAVE, piece),
    }),
  ),
  fc.tuple(u32, u32, u32).map(
    ([piece, begin, length]): Written => ({
      decoded: { type: 'request', piece, begin, length },
      write: encoder => encoder.stretch(MESSAGE_ID.REQUEST, piece, begin, length),
    }),
  ),
  fc.tuple(u32, u32, fc.uint8Array({ minLength: 1, maxLength: 300 })).map(
    ([piece, begin, payload]): Written => ({
      decoded: { type: 'piece', piece, begin, length: payload.length, bytes: payload },
      write: encoder => {
        const head = new Uint8Array(13)
        writePieceHeader(head, 0, piece, begin, payload.length)
        encoder.run(concatBytes([head, payload]))
      },
    }),
  ),
  bytes(100).map(
    (payload): Written => ({
      decoded: { type: 'bitfield-bytes', bytes: payload },
      write: encoder => encoder.bitfield(payload),
    }),
  ),
  fc.nat(0xffff).map(
    (port): Written => ({
      decoded: { type: 'port', port },
      write: encoder => encoder.port(port),
    }),
  ),
  fc.tuple(fc.nat(255), bytes(200)).map(
    ([id, payload]): Written => ({
      decoded: { type: 'extended-message', id, payload },
      write: encoder => encoder.extended(id, payload),
    }),
  ),
  hashRequest.map(
    (request): Written => ({
      decoded: { type: 'hash-request', request },
      write: encoder => encoder.hashes(MESSAGE_ID.HASH_REQUEST, request),
    }),
  ),
  fc.tuple(hashRequest, fc.nat(3)).map(([request, count]): Written => {
    const hashes = new Uint8Array(32 * count).fill(count)
    return {
      decoded: { type: 'hashes', request, hashes },
      write: encoder => encoder.hashes(MESSAGE_ID.HASHES, request, hashes),
    }
  }),
)

it('what the encoder writes the decoder reads, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(anyMessage, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 90 })),
      (messages, cuts) => {
        const encoder = new WireEncoder()
        for (const message of messages) message.write(encoder)
        const outputs: Uint8Array[] = []
        for (let next = encoder.take(); next !== null; next = encoder.take()) outputs.push(next.bytes)
        const stream = concatBytes(outputs)
        assert.deepEqual(
          decodeChunks(cut(stream, cuts)),
          messages.map(message => message.decoded),
        )
      },
    ),
  )
})

/** Chunks of the given lengths, over and over. */
function cut(stream: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0, i = 0; at < stream.length; i++) {
    const length = lengths.length > 0 ? lengths[i % lengths.length]! : stream.length
    chunks.push(stream.subarray(at, at + length))
    at += length
  }
  return chunks
}
