import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { utf8Bytes } from '../../../src/core/bytes.ts'
import { joinHybridFiles } from '../../../src/metainfo/hybrid-files.ts'
import type { ListedFile } from '../../../src/metainfo/listed-file.ts'

const PIECE = 16_384
const ROOT = new Uint8Array(32).fill(1)

function listed(path: string, length: number, rest: Partial<ListedFile> = {}): ListedFile {
  return {
    path: path.split('/').map(utf8Bytes),
    length,
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

function pad(length: number): ListedFile {
  return listed(`.pad/${length}`, length, { isPad: true })
}

const v2 = [listed('a', 100, { piecesRoot: ROOT }), listed('b', 0), listed('c', PIECE, { piecesRoot: ROOT })]

describe('the file lists of a hybrid', () => {
  test('are joined: order, pads and attributes of v1, roots of v2', () => {
    const v1 = [
      listed('a', 100, { isExecutable: true }),
      pad(PIECE - 100),
      listed('b', 0),
      listed('c', PIECE),
    ]
    const joined = joinHybridFiles(v1, v2, PIECE)
    assert.deepEqual(
      joined.map(file => file.piecesRoot),
      [ROOT, null, null, ROOT],
    )
    assert.equal(joined[0]?.isExecutable, true)
  })

  const differing: [name: string, v1: ListedFile[]][] = [
    ['a length', [listed('a', 101), pad(PIECE - 101), listed('b', 0), listed('c', PIECE)]],
    ['a path', [listed('A', 100), pad(PIECE - 100), listed('b', 0), listed('c', PIECE)]],
    ['the order', [listed('c', PIECE), listed('b', 0), listed('a', 100)]],
    ['an empty file', [listed('a', 100), pad(PIECE - 100), listed('d', 0), listed('c', PIECE)]],
    ['the number of files', [listed('a', 100), pad(PIECE - 100), listed('b', 0), pad(PIECE)]],
    [
      'the place of a file',
      [listed('a', 100), pad(PIECE - 200), listed('b', 0), listed('c', PIECE), pad(100)],
    ],
    [
      'the number of pieces',
      [listed('a', 100), pad(PIECE - 100), listed('b', 0), listed('c', PIECE), pad(1)],
    ],
  ]
  for (const [name, v1] of differing) {
    test(`are refused where they differ in ${name}`, () => {
      assert.throws(() => joinHybridFiles(v1, v2, PIECE), { code: 'files-inconsistent' })
    })
  }
})
