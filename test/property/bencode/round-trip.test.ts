import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeBencode, decodeBencodeWhole } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode } from '../../../src/bencode/encode.ts'
import { latin1Text } from '../../../src/core/bytes.ts'

const latin1Key = fc.uint8Array({ maxLength: 8 }).map(latin1Text)

const { value } = fc.letrec<{ value: Encodable }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(latin1Key, tie('value')), { maxLength: 4 }).map(entries => new Map(entries)),
  ),
}))

test('what is encoded decodes strictly and encodes to the same bytes', () => {
  fc.assert(
    fc.property(value, original => {
      const bytes = encodeBencode(original)
      assert.deepEqual(encodeBencode(decodeBencode(bytes, { isStrict: true })), bytes)
    }),
    { numRuns: 500 },
  )
})

test('bytes that decode strictly are the only encoding of their value', () => {
  fc.assert(
    fc.property(value, fc.nat(), fc.nat(255), (original, at, byte) => {
      const bytes = encodeBencode(original)
      bytes[at % bytes.length] = byte
      try {
        assert.deepEqual(encodeBencode(decodeBencode(bytes, { isStrict: true })), bytes)
      } catch (error) {
        assert.equal((error as Error).name, 'FormatError')
      }
    }),
    { numRuns: 1000 },
  )
})

test('strict reading refuses exactly what lenient reading calls odd', () => {
  const fragments = fc.array(
    fc.constantFrom(
      'i0e',
      'i-0e',
      'i01e',
      '1:a',
      '01:b',
      '0:',
      'de',
      'd1:ai1ee',
      'd1:bi1e1:ai1ee',
      'd1:ai1e1:ai2ee',
      'le',
    ),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(fragments, parts => {
      const bytes = new TextEncoder().encode(`l${parts.join('')}e`)
      const [first] = decodeBencodeWhole(bytes).oddities
      let code: string | undefined
      try {
        decodeBencode(bytes, { isStrict: true })
      } catch (error) {
        ;({ code } = error as { code: string })
      }
      assert.equal(code, first?.code)
    }),
  )
})
