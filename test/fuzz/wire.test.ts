import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import fc from 'fast-check'
import { concatBytes, latin1Bytes } from '../../src/core/bytes.ts'
import { ProtocolError } from '../../src/core/errors.ts'
import { decodeExtendedHandshake } from '../../src/wire/extension.ts'
import type { PeerEvent } from '../../src/wire/peer-event.ts'
import { clientOf } from '../../src/wire/peer-id.ts'
import { PeerWire } from '../../src/wire/peer-wire.ts'
import { decodePex } from '../../src/wire/ut-pex.ts'
import { decodeMetadataMessage } from '../../src/wire/ut-metadata.ts'
import { handshake, INFO_HASH, message } from '../unit/wire/wire-bytes.ts'

/** FUZZ_RUNS sets how many inputs are tried for each question. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 1_000)

/** Only ever a `ProtocolError`, never anything else. */
function parsedOrRefused(act: () => void): void {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error))
  }
}

const PIECES = 20

/** What no event may be, whatever came in. */
function assertSound(event: PeerEvent): void {
  if ('piece' in event && !event.type.startsWith('metadata')) assert.ok(event.piece < PIECES, event.type)
  if (event.type === 'bitfield') assert.equal(event.bits.length, PIECES)
  if (event.type === 'request') assert.ok(event.length > 0 && event.length <= 131_072)
  if (event.type === 'block-start') assert.ok(event.length > 0 && event.length <= 16_384)
}

function feed(wire: PeerWire, chunks: readonly Uint8Array[]): void {
  const sink = { room: () => 1e9, send: () => {}, emit: assertSound }
  parsedOrRefused(() => {
    for (const chunk of chunks) {
      wire.receive(chunk, 0)
      wire.drain(sink, 0)
    }
  })
  wire.drain(sink, 0)
}

function openWire(pieceCount: number | null): PeerWire {
  const wire = new PeerWire({
    role: 'initiator',
    peerId: latin1Bytes('-SH0100-aaaaaaaaaaaa'),
    infoHash: INFO_HASH,
    isV2: true,
    extended: {},
    ...(pieceCount === null ? {} : { pieceCount }),
    now: 0,
  })
  wire.receive(handshake(), 0)
  return wire
}

const bytes = fc.uint8Array({ maxLength: 200 })
/** Valid frames with any content: gets deeper than noise does. */
const frame = fc
  .tuple(fc.oneof(fc.nat(24), fc.nat(255)), fc.oneof(fc.uint8Array({ maxLength: 14 }), bytes))
  .map(([id, payload]) => message(id, payload))
/** Small numbers, which are often indices of pieces that exist. */
const small = fc
  .tuple(fc.nat(24), fc.array(fc.nat(24), { maxLength: 3 }))
  .map(([id, words]) => message(id, ...words.map(word => new Uint8Array([0, 0, 0, word]))))

suite('a peer that sends anything', () => {
  it('instead of a handshake', () => {
    fc.assert(
      fc.property(fc.array(bytes), chunks => {
        feed(new PeerWire({ role: 'acceptor', peerId: new Uint8Array(20), now: 0 }), chunks)
      }),
      { numRuns },
    )
  })

  it('after its handshake', () => {
    fc.assert(
      fc.property(fc.array(bytes), chunks => feed(openWire(PIECES), chunks)),
      { numRuns },
    )
  })

  it('in frames', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(frame, small), { maxLength: 30 }),
        fc.integer({ min: 1, max: 60 }),
        (frames, length) => {
          const stream = concatBytes(frames)
          const chunks: Uint8Array[] = []
          for (let at = 0; at < stream.length; at += length) chunks.push(stream.subarray(at, at + length))
          feed(openWire(PIECES), chunks)
        },
      ),
      { numRuns },
    )
  })

  it('before the metadata is known', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(frame, small), { maxLength: 30 }), frames => {
        const wire = openWire(null)
        const sink = { room: () => 1, send: () => {}, emit: () => {} }
        parsedOrRefused(() => {
          for (const each of frames) {
            wire.receive(each, 0)
            wire.drain(sink, 0)
          }
          wire.setPieceCount(PIECES)
          wire.drain({ ...sink, emit: assertSound }, 0)
          wire.tick(0)
        })
      }),
      { numRuns },
    )
  })
})

suite('any bytes', () => {
  const bencodeLike = fc
    .array(
      fc.constantFrom(
        'd',
        'l',
        'e',
        'i1e',
        '1:m',
        '1:p',
        '1:v',
        '4:reqq',
        '8:msg_type',
        '5:piece',
        'i0e',
        '9:',
      ),
    )
    .map(parts => latin1Bytes(parts.join('')))

  it('as an extension handshake', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, bencodeLike), payload =>
        parsedOrRefused(() => decodeExtendedHandshake(payload)),
      ),
      { numRuns },
    )
  })

  it('as a metadata message', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, bencodeLike), payload =>
        parsedOrRefused(() => decodeMetadataMessage(payload)),
      ),
      { numRuns },
    )
  })

  it('as a message about peers', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, bencodeLike), payload => parsedOrRefused(() => decodePex(payload))),
      { numRuns },
    )
  })

  it('as a peer id', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), id =>
        assert.ok((clientOf(id) ?? 'x').length > 0),
      ),
      { numRuns },
    )
  })
})
