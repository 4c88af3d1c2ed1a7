import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asDict, asList, type BencodeDict } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode } from '../../../src/bencode/encode.ts'
import { latin1Text } from '../../../src/core/bytes.ts'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'
import {
  readAttributes,
  readElements,
  readLength,
  readMtime,
  readSymlink,
} from '../../../src/metainfo/listed-file.ts'

function dict(fields: { [key: string]: Encodable }): BencodeDict {
  return asDict(decodeBencode(encodeBencode(fields)))!
}

function lengthOf(fields: { [key: string]: Encodable }): number {
  const file = dict(fields)
  return readLength(file, readAttributes(file), () => 'the file')
}

function target(fields: { [key: string]: Encodable }): string | null {
  const file = dict(fields)
  return (
    readSymlink(file, readAttributes(file), () => 'the file')
      ?.map(latin1Text)
      .join('/') ?? null
  )
}

describe('attributes', () => {
  test('are letters in any order', () => {
    assert.deepEqual(readAttributes(dict({ attr: 'xhq' })), {
      isPad: false,
      isExecutable: true,
      isHidden: true,
      isSymlink: false,
    })
    assert.deepEqual(readAttributes(dict({ attr: 'lp' })), {
      isPad: true,
      isExecutable: false,
      isHidden: false,
      isSymlink: true,
    })
  })

  test('are none where nothing is said', () => {
    const none = { isPad: false, isExecutable: false, isHidden: false, isSymlink: false }
    assert.deepEqual(readAttributes(dict({})), none)
    assert.deepEqual(readAttributes(dict({ attr: ['x'] })), none)
  })
})

describe('a length', () => {
  test('is a number from 0', () =>
    assert.deepEqual([lengthOf({ length: 0 }), lengthOf({ length: 2 ** 53 - 1 })], [0, 2 ** 53 - 1]))
  test('of a link is 0, whatever is said', () =>
    assert.deepEqual([lengthOf({ attr: 'l', length: 5 }), lengthOf({ attr: 'l' })], [0, 0]))
  for (const length of [-1, 2n ** 53n, '5', []]) {
    test(`is not ${JSON.stringify(String(length))}`, () =>
      assert.throws(() => lengthOf({ length }), { code: 'file-length-invalid' }))
  }
})

describe('the target of a link', () => {
  test('is read of links alone', () => {
    assert.equal(target({ attr: 'l', 'symlink path': ['a', 'b'] }), 'a/b')
    assert.equal(target({ 'symlink path': ['a', 'b'] }), null)
    assert.equal(target({ attr: 'l' }), null)
    assert.equal(target({ attr: 'l', 'symlink path': 'a' }), null)
  })

  test('loses its dots', () => {
    assert.equal(target({ attr: 'l', 'symlink path': ['..', '.', 'a', '..', '...'] }), 'a/...')
    assert.equal(target({ attr: 'l', 'symlink path': ['..'] }), null)
  })
})

describe('the parts of a path', () => {
  const parts = (list: Encodable) =>
    readElements(asList(decodeBencode(encodeBencode(list)))!, () => 'the path')

  test('are strings', () => {
    assert.deepEqual(parts(['a', 'b']).map(latin1Text), ['a', 'b'])
    assert.throws(() => parts(['a', 1]), { code: 'path-invalid' })
  })

  test('are no more than the limit', () => {
    const many = Array.from({ length: METAINFO_LIMITS.pathDepth }, () => 'a')
    assert.equal(parts(many).length, many.length)
    assert.throws(() => parts([...many, 'a']), { code: 'path-too-deep' })
  })
})

test('the time of a change is seconds, or nothing', () => {
  assert.deepEqual(
    [readMtime(dict({ mtime: 5 })), readMtime(dict({ mtime: 'x' })), readMtime(dict({}))],
    [5, null, null],
  )
})
