import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode, RawBencode } from '../../../src/bencode/encode.ts'
import { latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import { UsageError } from '../../../src/core/errors.ts'

function encode(value: Encodable): string {
  return latin1Text(encodeBencode(value))
}

describe('encoding', () => {
  test('writes integers, also those that no number holds', () => {
    assert.equal(encode([0, -3, 2n ** 63n]), 'li0ei-3ei9223372036854775808ee')
  })

  test('writes text as UTF-8 and bytes as they are', () => {
    assert.equal(encode(['ü', latin1Bytes('\xff')]), 'l2:\xc3\xbc1:\xffe')
  })

  test('sorts keys by their bytes, of objects, maps and dictionaries alike', () => {
    const expected = 'd0:i1e1:Ai2e1:ai3e2:aai4e1:\xe9i5ee'
    assert.equal(encode({ '\xe9': 5, aa: 4, a: 3, A: 2, '': 1 }), expected)
    assert.equal(
      encode(
        new Map([
          ['\xe9', 5],
          ['aa', 4],
          ['a', 3],
          ['A', 2],
          ['', 1],
        ]),
      ),
      expected,
    )
    assert.equal(encode(decodeBencode(latin1Bytes('d1:\xe9i5e2:aai4e1:ai3e1:Ai2e0:i1ee'))), expected)
  })

  test('leaves out what is undefined', () => assert.equal(encode({ a: undefined, b: 1 }), 'd1:bi1ee'))

  test('keeps what is encoded already byte for byte', () => {
    assert.equal(encode({ info: new RawBencode(latin1Bytes('d1:bi1e1:ai01ee')) }), 'd4:infod1:bi1e1:ai01eee')
  })

  for (const value of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    test(`refuses ${value}`, () => {
      assert.throws(
        () => encode(value),
        (error: unknown) => error instanceof UsageError && error.code === 'bencode-unencodable',
      )
    })
  }

  test('refuses a key with a character that is not one byte', () => {
    assert.throws(() => encode({ 日: 1 }), { code: 'bencode-unencodable' })
  })
})
