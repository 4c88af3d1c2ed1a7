import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asDict, type BencodeDict } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode } from '../../../src/bencode/encode.ts'
import { utf8Bytes, utf8Text } from '../../../src/core/bytes.ts'
import { isSingleFileTree, readV2Files } from '../../../src/metainfo/v2-files.ts'
import { key, leaf, SOME_ROOT } from '../../vectors/torrents/torrent-parts.ts'

function info(tree: Encodable): BencodeDict {
  return asDict(decodeBencode(encodeBencode({ 'file tree': tree })))!
}

function paths(tree: Encodable): string[] {
  return readV2Files(info(tree)).map(file => file.path.map(utf8Text).join('/'))
}

describe('a file tree', () => {
  test('is read part by part in the order of its keys', () => {
    assert.deepEqual(
      paths({ 'a.txt': leaf(1), a: { z: leaf(1) }, 'a-x': { '1': leaf(1) }, [key(utf8Bytes('ü'))]: leaf(0) }),
      ['a/z', 'a-x/1', 'a.txt', 'ü'],
    )
  })

  test('has a root for each file that is not empty', () => {
    const [empty, full] = readV2Files(info({ a: leaf(0), b: leaf(5, { attr: 'x' }) }))
    assert.deepEqual([empty?.piecesRoot, full?.piecesRoot, full?.isExecutable], [null, SOME_ROOT, true])
  })

  test('passes over empty folders', () => assert.deepEqual(paths({ a: {}, b: leaf(1) }), ['b']))

  test('has links without a length or a root', () => {
    const [link] = readV2Files(info({ a: { '': { attr: 'l', 'symlink path': ['b', 'c'] } } }))
    assert.deepEqual([link?.length, link?.symlink?.map(utf8Text)], [0, ['b', 'c']])
  })

  test('is a single file where it is that and nothing else', () => {
    assert.equal(isSingleFileTree(info({ a: leaf(1) })), true)
    assert.equal(isSingleFileTree(info({ a: leaf(1), b: leaf(1) })), false)
    assert.equal(isSingleFileTree(info({ a: { b: leaf(1) } })), false)
    assert.equal(isSingleFileTree(info({})), false)
  })
})
