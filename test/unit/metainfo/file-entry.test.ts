import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { latin1Bytes, utf8Bytes } from '../../../src/core/bytes.ts'
import { fileEntries } from '../../../src/metainfo/file-entry.ts'
import { Geometry } from '../../../src/metainfo/geometry.ts'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'
import type { ListedFile } from '../../../src/metainfo/listed-file.ts'
import { Warnings } from '../../../src/metainfo/warning.ts'

function listed(path: readonly (string | Uint8Array)[], rest: Partial<ListedFile> = {}): ListedFile {
  return {
    path: path.map(element => (typeof element === 'string' ? utf8Bytes(element) : element)),
    length: 10,
    isPad: false,
    isExecutable: false,
    isHidden: false,
    isSymlink: false,
    symlink: null,
    piecesRoot: null,
    mtimeSeconds: null,
    ...rest,
  }
}

function entries(files: readonly ListedFile[], { isSingleFile = false, name = 'folder' } = {}) {
  const warnings = new Warnings()
  const geometry = new Geometry({ pieceLength: 16_384, files, layout: 'packed' })
  return { files: fileEntries(files, geometry, { name, isSingleFile }, warnings), warnings: warnings.list() }
}

describe('the files of a torrent', () => {
  test('have safe paths, and remember how the torrent calls them', () => {
    const { files, warnings } = entries([listed(['..', 'a:b', latin1Bytes('\xff')])])
    assert.deepEqual(files[0]?.path, ['_', 'a_b', '_'])
    assert.equal(files[0]?.displayPath, '_/a_b/_')
    assert.deepEqual(files[0]?.originalPath, ['..', 'a:b', '\ufffd'])
    assert.deepEqual(
      warnings.map(({ code, count }) => [code, count]),
      [['path-changed', 1]],
    )
  })

  test('lie one behind the other', () => {
    const { files } = entries([listed(['a']), listed(['b'], { length: 5 }), listed(['c'])])
    assert.deepEqual(
      files.map(({ offset, length }) => [offset, length]),
      [
        [0, 10],
        [10, 5],
        [15, 10],
      ],
    )
  })

  test('are called as the torrent where it is a single file', () => {
    assert.deepEqual(entries([listed(['a'])], { isSingleFile: true }).files[0]?.path, ['a'])
    assert.deepEqual(entries([listed(['..'])], { isSingleFile: true, name: 'the-hash' }).files[0]?.path, [
      'the-hash',
    ])
  })

  test('that are links point to safe paths', () => {
    const { files } = entries([
      listed(['a'], { isSymlink: true, symlink: [utf8Bytes('b:'), utf8Bytes('/')] }),
    ])
    assert.deepEqual(files[0]?.symlink, ['b_', '_'])
  })

  test('have paths no longer than the limit, the folder counted in', () => {
    const path = ['d'.repeat(199), ...Array.from({ length: 19 }, () => 'd'.repeat(200))]
    const length = path.join('/').length
    const name = 'n'.repeat(METAINFO_LIMITS.pathLength - length - 1)
    assert.equal(entries([listed(path)], { name }).files.length, 1)
    assert.throws(() => entries([listed(path)], { name: `${name}n` }), { code: 'path-too-long' })
  })

  test('that are pads collide with nothing', () => {
    const { files, warnings } = entries([
      listed(['a']),
      listed(['a'], { isPad: true }),
      listed([], { isPad: true }),
    ])
    assert.deepEqual(
      files.map(file => file.displayPath),
      ['a', 'a', '.pad/10'],
    )
    assert.deepEqual(warnings, [])
  })

  test('say in their warnings nothing that acts on a terminal', () => {
    const { warnings } = entries([listed(['\x1b[2J\u202e'])])
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(warnings[0]!.message, /[\u0000-\u001f\u202e]/)
  })
})
