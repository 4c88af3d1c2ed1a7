import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { concatBytes } from '../../../src/core/bytes.ts'
import { decodeExtendedHandshake, encodeExtendedHandshake } from '../../../src/wire/extension.ts'
import {
  decodeMetadataMessage,
  encodeMetadataHead,
  METADATA_PIECE_LENGTH,
} from '../../../src/wire/ut-metadata.ts'

it('an extension handshake is read as it was written', () => {
  const offer = fc.record(
    {
      listenPort: fc.integer({ min: 1, max: 65_535 }),
      version: fc.stringMatching(/^[ -~]{1,60}$/),
      metadataSize: fc.integer({ min: 1, max: 2 ** 40 }),
      reqq: fc.integer({ min: 1, max: 2_000 }),
      isUploadOnly: fc.boolean(),
      yourIp: fc.oneof(
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
      ),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(offer, said => {
      const { ids, ipv4, ipv6, ...read } = decodeExtendedHandshake(encodeExtendedHandshake(said))
      assert.deepEqual(read, said)
      assert.equal(ids.size, 3)
      assert.deepEqual([ipv4, ipv6], [null, null])
    }),
  )
})

it('metadata that is cut into messages is whole again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 * METADATA_PIECE_LENGTH }), total => {
      const metadata = Uint8Array.from({ length: total }, (_, i) => i * 7)
      const pieces: Uint8Array[] = []
      for (let piece = 0; piece * METADATA_PIECE_LENGTH < total; piece++) {
        const at = piece * METADATA_PIECE_LENGTH
        const body = metadata.subarray(at, at + METADATA_PIECE_LENGTH)
        const message = decodeMetadataMessage(concatBytes([encodeMetadataHead(piece, total), body]))
        assert.ok(message?.type === 'metadata-piece' && message.piece === piece && message.total === total)
        pieces.push(message.bytes)
      }
      assert.deepEqual(concatBytes(pieces), metadata)
    }),
    { numRuns: 20 },
  )
})
