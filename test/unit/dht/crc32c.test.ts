import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { latin1Bytes } from '../../../src/core/bytes.ts'
import { crc32c } from '../../../src/dht/crc32c.ts'

suite('CRC-32C', () => {
  // RFC 3720, B.4, and the usual check value.
  const vectors: readonly (readonly [what: string, bytes: Uint8Array, crc: number])[] = [
    ['nothing', new Uint8Array(0), 0],
    ['123456789', latin1Bytes('123456789'), 0xe3069283],
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 times 0xff', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ]
  for (const [what, bytes, crc] of vectors) it(`of ${what}`, () => assert.equal(crc32c(bytes), crc))
})
