import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import {
  decodeFeatures,
  encodeFeatures,
  encodeHandshake,
  HandshakeReader,
} from '../../../src/wire/handshake.ts'
import { everySplit, handshake } from './wire-bytes.ts'

const FIELDS = {
  reserved: new Uint8Array([0, 0, 0, 0, 0, 0x10, 0, 0x04]),
  infoHash: new Uint8Array(20).fill(0x11),
  peerId: latin1Bytes('-XX0001-abcdefghijkl'),
}

suite('a handshake', () => {
  it('is written as BEP 3 says', () => {
    const bytes = encodeHandshake(FIELDS)
    assert.deepEqual(bytes, handshake())
    assert.equal(bytes.length, 68)
    assert.equal(latin1Text(bytes.subarray(0, 20)), '\x13BitTorrent protocol')
  })

  it('is read whole, byte by byte and at every split', () => {
    for (const chunks of everySplit(handshake())) {
      const reader = new HandshakeReader()
      chunks.forEach((chunk, i) => {
        assert.equal(reader.handshake(), null, `after ${i} of ${chunks.length} chunks`)
        assert.equal(reader.take(chunk), chunk.length)
      })
      assert.deepEqual(reader.handshake(), FIELDS)
    }
  })

  it('leaves what comes after it', () => {
    const reader = new HandshakeReader()
    assert.equal(reader.take(new Uint8Array([...handshake(), 1, 2, 3])), 68)
    assert.equal(reader.take(new Uint8Array([4])), 0)
  })

  it('is refused at the first byte that is not of the protocol', () => {
    for (let at = 0; at < 20; at++) {
      const bytes = handshake()
      bytes[at]! ^= 1
      const reader = new HandshakeReader()
      if (at > 0) reader.take(bytes.subarray(0, at))
      assert.throws(() => reader.take(bytes.subarray(at, at + 1)), { code: 'handshake-not-bittorrent' })
    }
  })
})

suite('features', () => {
  it('are the bits of BEP 4', () => {
    const none = { dht: false, fast: false, extended: false, upgrade: false }
    const bits: [keyof typeof none, number, number][] = [
      ['extended', 5, 0x10],
      ['dht', 7, 0x01],
      ['fast', 7, 0x04],
      ['upgrade', 7, 0x10],
    ]
    assert.deepEqual(encodeFeatures(none), new Uint8Array(8))
    for (const [name, byte, bit] of bits) {
      const reserved = new Uint8Array(8)
      reserved[byte] = bit
      assert.deepEqual(encodeFeatures({ ...none, [name]: true }), reserved)
      assert.deepEqual(decodeFeatures(reserved), { ...none, [name]: true })
    }
  })

  it('pass over bits that others use', () => {
    const reserved = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0xff, 0xea])
    assert.deepEqual(decodeFeatures(reserved), { dht: false, fast: false, extended: false, upgrade: false })
  })
})
