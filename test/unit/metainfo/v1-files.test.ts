import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asDict, type BencodeDict } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode } from '../../../src/bencode/encode.ts'
import { utf8Text } from '../../../src/core/bytes.ts'
import { readName, readV1Files } from '../../../src/metainfo/v1-files.ts'

function dict(fields: { [key: string]: Encodable }): BencodeDict {
  return asDict(decodeBencode(encodeBencode(fields)))!
}

describe('the files of a v1 torrent', () => {
  test('are one where there is a length', () => {
    const { files, isSingleFile } = readV1Files(dict({ name: 'a', length: 5, attr: 'x', mtime: 7 }))
    assert.equal(isSingleFile, true)
    assert.deepEqual(
      files.map(file => [file.path.map(utf8Text), file.length, file.isExecutable, file.mtimeSeconds]),
      [[['a'], 5, true, 7]],
    )
  })

  test('are those of the list, in its order', () => {
    const { files, isSingleFile } = readV1Files(
      dict({
        name: 'a',
        files: [
          { path: ['b', 'c'], length: 5 },
          { path: ['a'], length: 0 },
        ],
      }),
    )
    assert.equal(isSingleFile, false)
    assert.deepEqual(
      files.map(file => file.path.map(utf8Text).join('/')),
      ['b/c', 'a'],
    )
  })

  test('may be pads without a path, or pads by their name', () => {
    const { files } = readV1Files(
      dict({
        name: 'a',
        files: [
          { length: 5, attr: 'p' },
          { length: 5, path: ['_____padding_file_1_x'] },
        ],
      }),
    )
    assert.deepEqual(
      files.map(file => file.isPad),
      [true, true],
    )
  })

  test('need a path', () =>
    assert.throws(() => readV1Files(dict({ name: 'a', files: [{ length: 5 }] })), { code: 'path-missing' }))
  test('are dictionaries', () =>
    assert.throws(() => readV1Files(dict({ name: 'a', files: [5] })), { code: 'file-entry-invalid' }))
})

test('the name is that in UTF-8 where there is one', () => {
  assert.equal(utf8Text(readName(dict({ name: 'a', 'name.utf-8': 'b' }))), 'b')
  assert.equal(utf8Text(readName(dict({ name: 'a', 'name.utf-8': 5 }))), 'a')
  assert.throws(() => readName(dict({ name: 5 })), { code: 'name-missing' })
})
