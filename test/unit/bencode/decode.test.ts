import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Bencode, BencodeDict } from '../../../src/bencode/bencode.ts'
import {
  type DecodeOptions,
  decodeBencode,
  decodeBencodePrefix,
  decodeBencodeWhole,
} from '../../../src/bencode/decode.ts'
import { BENCODE_LIMITS } from '../../../src/bencode/limits.ts'
import { latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import { FormatError } from '../../../src/core/errors.ts'

/** With strings as text and dictionaries as lists of entries, to compare them. */
function plain(value: Bencode): unknown {
  if (value instanceof Uint8Array) return latin1Text(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof BencodeDict)
    return { dict: [...value.entries()].map(([key, each]) => [key, plain(each)]) }
  return value
}

function decode(text: string, options?: DecodeOptions): unknown {
  return plain(decodeBencode(latin1Bytes(text), options))
}

function refuses(text: string, code: string, offset: number, options?: DecodeOptions): void {
  assert.throws(
    () => decode(text, options),
    (error: unknown) => error instanceof FormatError && error.code === code && error.offset === offset,
    `${text} -> ${code} at ${offset}`,
  )
}

describe('decoding', () => {
  const good: [text: string, value: unknown][] = [
    ['i0e', 0],
    ['i12e', 12],
    ['i-3e', -3],
    ['i9007199254740991e', 9_007_199_254_740_991],
    ['i-9007199254740991e', -9_007_199_254_740_991],
    ['i9007199254740992e', 9_007_199_254_740_992n],
    ['i9007199254740993e', 9_007_199_254_740_993n],
    ['i18446744073709551615e', 2n ** 64n - 1n],
    ['i-9223372036854775808e', -(2n ** 63n)],
    ['0:', ''],
    ['4:spam', 'spam'],
    ['3:i1e', 'i1e'],
    ['2:\x00\xff', '\x00\xff'],
    ['le', []],
    ['l4:spami1eli2eee', ['spam', 1, [2]]],
    ['de', { dict: [] }],
    [
      'd3:cow3:moo4:spaml1:a1:bee',
      {
        dict: [
          ['cow', 'moo'],
          ['spam', ['a', 'b']],
        ],
      },
    ],
    ['d0:i1ee', { dict: [['', 1]] }],
  ]
  for (const [text, value] of good) {
    test(`reads ${text}`, () => {
      assert.deepEqual(decode(text), value)
      assert.deepEqual(decode(text, { isStrict: true }), value)
    })
  }

  test('refuses every beginning of a value as truncated', () => {
    const whole = 'd1:ai-12e1:bl3:abcd1:xi0eeee'
    for (let end = 0; end < whole.length; end++) {
      assert.throws(
        () => decode(whole.slice(0, end)),
        (error: unknown) =>
          error instanceof FormatError &&
          ['bencode-truncated', 'bencode-string-too-long'].includes(error.code),
        whole.slice(0, end),
      )
    }
  })

  const bad: [text: string, code: string, offset: number][] = [
    ['', 'bencode-truncated', 0],
    ['x', 'bencode-unexpected-byte', 0],
    ['e', 'bencode-unexpected-byte', 0],
    ['-1:a', 'bencode-unexpected-byte', 0],
    ['l1:ax', 'bencode-unexpected-byte', 4],
    ['ie', 'bencode-integer-invalid', 0],
    ['i-e', 'bencode-integer-invalid', 0],
    ['i--1e', 'bencode-integer-invalid', 0],
    ['i1-2e', 'bencode-integer-invalid', 0],
    ['i 1e', 'bencode-integer-invalid', 0],
    ['i1.0e', 'bencode-integer-invalid', 0],
    ['i1', 'bencode-truncated', 2],
    ['i18446744073709551616e', 'bencode-integer-too-large', 1],
    ['i-9223372036854775809e', 'bencode-integer-too-large', 2],
    [`i${'1'.repeat(21)}e`, 'bencode-integer-too-large', 1],
    [`${'1'.repeat(21)}:`, 'bencode-integer-too-large', 0],
    ['5:abcd', 'bencode-string-too-long', 0],
    ['99999999:', 'bencode-string-too-long', 0],
    ['18446744073709551616:', 'bencode-string-too-long', 0],
    ['4', 'bencode-truncated', 1],
    ['4spam', 'bencode-colon-missing', 1],
    ['di1e1:ae', 'bencode-key-not-string', 1],
    ['d1:a', 'bencode-truncated', 4],
    ['d1:ae', 'bencode-unexpected-byte', 4],
    ['i1ei2e', 'bencode-trailing-bytes', 3],
    ['i1e ', 'bencode-trailing-bytes', 3],
    ['i1e\n\0', 'bencode-trailing-bytes', 3],
  ]
  for (const [text, code, offset] of bad) {
    test(`refuses ${JSON.stringify(text)}`, () => refuses(text, code, offset))
  }
})

describe('what a correct encoder never writes', () => {
  const odd: [text: string, code: string, offset: number, value: unknown][] = [
    ['i007e', 'bencode-overlong-integer', 0, 7],
    ['i-0e', 'bencode-overlong-integer', 0, 0],
    ['i-05e', 'bencode-overlong-integer', 0, -5],
    ['04:spam', 'bencode-overlong-integer', 0, 'spam'],
    [
      'd1:bi1e1:ai2ee',
      'bencode-unsorted-keys',
      7,
      {
        dict: [
          ['b', 1],
          ['a', 2],
        ],
      },
    ],
    ['d1:ai1e1:ai2ee', 'bencode-duplicate-key', 7, { dict: [['a', 1]] }],
    [
      'd1:ai1e1:bi2e1:ai3ee',
      'bencode-duplicate-key',
      13,
      {
        dict: [
          ['a', 1],
          ['b', 2],
        ],
      },
    ],
    [
      'd2:aai1e1:ai2ee',
      'bencode-unsorted-keys',
      8,
      {
        dict: [
          ['aa', 1],
          ['a', 2],
        ],
      },
    ],
    ['i1e\n', 'bencode-trailing-bytes', 3, 1],
    ['i1e\r\n', 'bencode-trailing-bytes', 3, 1],
  ]
  for (const [text, code, offset, value] of odd) {
    test(`is read leniently and told: ${JSON.stringify(text)}`, () => {
      const decoded = decodeBencodeWhole(latin1Bytes(text))
      assert.deepEqual(plain(decoded.value), value)
      assert.deepEqual(
        decoded.oddities.map(oddity => [oddity.code, oddity.offset]),
        [[code, offset]],
      )
      assert.match(decoded.oddities[0]!.message, new RegExp(`byte ${offset}`))
    })
    test(`is refused strictly: ${JSON.stringify(text)}`, () =>
      refuses(text, code, offset, { isStrict: true }))
  }

  test('is told once of each kind, the first', () => {
    const { oddities } = decodeBencodeWhole(latin1Bytes('li01ei02ed1:bi1e1:ai1eee'))
    assert.deepEqual(
      oddities.map(({ code, offset }) => [code, offset]),
      [
        ['bencode-overlong-integer', 1],
        ['bencode-unsorted-keys', 16],
      ],
    )
  })

  test('never gives minus zero', () => assert.ok(Object.is(decode('i-0e'), 0)))
})

describe('limits', () => {
  const nested = (depth: number): string => 'l'.repeat(depth) + 'e'.repeat(depth)

  test('depth is counted exactly', () => {
    decode(nested(BENCODE_LIMITS.depth - 1))
    decode(nested(BENCODE_LIMITS.depth))
    refuses(nested(BENCODE_LIMITS.depth + 1), 'bencode-too-deep', BENCODE_LIMITS.depth)
    refuses('lle', 'bencode-too-deep', 1, { depth: 1 })
  })

  test('tokens are counted exactly, keys and containers too', () => {
    const value = 'd1:ali1ei2eee'
    decode(value, { tokens: 5 })
    refuses(value, 'bencode-too-many-tokens', 8, { tokens: 4 })
  })
})

describe('a prefix', () => {
  test('ends where its value ends, whatever follows', () => {
    const { value, length, oddities } = decodeBencodePrefix(latin1Bytes('d8:msg_typei1eexxxx'))
    assert.deepEqual(plain(value), { dict: [['msg_type', 1]] })
    assert.deepEqual([length, oddities], [15, []])
  })
})

test('strings from a Buffer are plain bytes, whose slices are copies', () => {
  const value = decodeBencode(Buffer.from('4:spam')) as Uint8Array
  assert.equal(Object.getPrototypeOf(value), Uint8Array.prototype)
})
