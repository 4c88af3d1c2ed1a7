import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  asBytes,
  asDict,
  asInteger,
  asList,
  asText,
  type Bencode,
  BencodeDict,
} from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'

function dict(text: string): BencodeDict {
  const value = asDict(decodeBencode(latin1Bytes(text)))
  assert.ok(value)
  return value
}

describe('a dictionary', () => {
  test('gives the bytes of a value as they were received', () => {
    const value = dict('d4:infod1:b1:x1:ai01eee')
    assert.equal(latin1Text(value.rawOf('info')!), 'd1:b1:x1:ai01ee')
    assert.equal(value.rawOf('other'), null)
  })

  test('keeps keys that are not UTF-8 apart', () => {
    const value = dict('d1:\xe9i1e1:\xeai2ee')
    assert.deepEqual([value.get('\xe9'), value.get('\xea'), value.size], [1, 2, 2])
  })

  test('has keys that an object would take for its own', () => {
    const value = dict('d9:__proto__i1e11:constructori2ee')
    assert.deepEqual([value.get('__proto__'), value.get('constructor')], [1, 2])
    assert.equal(value.has('toString'), false)
    assert.equal(value.get('toString'), undefined)
  })

  test('lists keys and entries in the order they came', () => {
    const value = dict('d1:bi1e1:ai2ee')
    assert.deepEqual([...value.keys()], ['b', 'a'])
    assert.deepEqual(
      [...value.entries()],
      [
        ['b', 1],
        ['a', 2],
      ],
    )
  })

  test('keeps the first value of a key that comes twice', () => {
    const value = new BencodeDict(new Uint8Array())
    assert.equal(value.add('a', 1, 0, 0), true)
    assert.equal(value.add('a', 2, 0, 0), false)
    assert.equal(value.get('a'), 1)
  })
})

describe('a typed reader', () => {
  const values: Record<string, Bencode | undefined> = {
    bytes: latin1Bytes('caf\xe9'),
    integer: 5,
    huge: 2n ** 63n,
    list: [1],
    dict: dict('de'),
    missing: undefined,
  }
  const readers = { asBytes, asText, asInteger, asList, asDict }
  const accepts: Record<keyof typeof readers, string> = {
    asBytes: 'bytes',
    asText: 'bytes',
    asInteger: 'integer',
    asList: 'list',
    asDict: 'dict',
  }
  for (const [name, read] of Object.entries(readers)) {
    test(`${name} answers null for every other type`, () => {
      for (const [type, value] of Object.entries(values)) {
        assert.equal(read(value) !== null, accepts[name as keyof typeof readers] === type, type)
      }
    })
  }

  test('turns invalid UTF-8 into U+FFFD', () => assert.equal(asText(latin1Bytes('caf\xe9')), 'caf\ufffd'))
})
