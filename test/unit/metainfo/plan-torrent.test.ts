import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { choosePieceLength } from '../../../src/metainfo/choose-piece-length.ts'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'
import { type PlanOptions, planTorrent, type TorrentFormat } from '../../../src/metainfo/plan-torrent.ts'

const PIECE = 16_384

function plan(lengths: Record<string, number>, format: TorrentFormat, options: Partial<PlanOptions> = {}) {
  const files = Object.entries(lengths).map(([path, length]) => ({ path: path.split('/'), length }))
  return planTorrent({ name: 'folder', isSingleFile: false, files, format, pieceLength: PIECE, ...options })
}

/** Paths in order, a pad as `+length`. */
function order(lengths: Record<string, number>, format: TorrentFormat): string {
  return plan(lengths, format)
    .files.map(file => (file.isPad ? `+${file.length}` : file.path.join('/')))
    .join(' ')
}

const mixed = { ü: 5, 'a.txt': 5, 'a/z': 5, 'a-x/1': 5, Zed: 5, empty: 0 }

describe('the order of files', () => {
  test('is that of whole paths in v1, as in mktorrent', () => {
    assert.equal(order(mixed, 'v1'), 'Zed a-x/1 a.txt a/z empty ü')
  })

  test('is that of the file tree in v2', () =>
    assert.equal(order(mixed, 'v2'), 'Zed a/z a-x/1 a.txt empty ü'))

  test('is that of bytes, not of UTF-16', () => {
    assert.equal(order({ '\u{1f41f}': 1, '\uff5e': 1 }, 'v2'), '\uff5e \u{1f41f}')
  })
})

describe('the pads of a hybrid', () => {
  test('follow each file that does not end a piece, the last one too', () => {
    assert.equal(
      order({ a: 100, b: PIECE, c: 0, d: PIECE + 1, e: 5 }, 'hybrid'),
      'a +16284 b c d +16383 e +16379',
    )
  })

  test('are left out where there is only one file', () => {
    assert.equal(order({ a: 100 }, 'hybrid'), 'a')
    assert.equal(plan({ folder: 100 }, 'hybrid', { isSingleFile: true }).geometry.totalLength, 100)
  })

  test('are named as libtorrent names them', () => {
    assert.deepEqual(plan({ a: 100, b: 1 }, 'hybrid').files[1], {
      path: ['.pad', '16284'],
      length: 16_284,
      isPad: true,
    })
  })

  test('are in neither v1 nor v2', () => {
    assert.equal(order({ a: 100, b: 100 }, 'v1'), 'a b')
    assert.equal(order({ a: 100, b: 100 }, 'v2'), 'a b')
    assert.deepEqual(
      (['v1', 'v2', 'hybrid'] as const).map(format => plan({ a: 100, b: 100 }, format).geometry.pieceCount),
      [1, 2, 2],
    )
  })
})

describe('a plan', () => {
  test('chooses the piece length by the size', () => {
    const files = [{ path: ['a'], length: 2 ** 30 }]
    const { pieceLength } = planTorrent({ name: 'a', isSingleFile: false, files, format: 'v1' })
    assert.equal(pieceLength, choosePieceLength(2 ** 30))
  })

  const bad: [name: string, lengths: Record<string, number>, code: string, options?: Partial<PlanOptions>][] =
    [
      ['nothing', {}, 'plan-empty'],
      ['only empty files', { a: 0, b: 0 }, 'plan-empty'],
      ['a part without a name', { 'a//b': 1 }, 'plan-path-invalid'],
      ['a part of dots', { 'a/../b': 1 }, 'plan-path-invalid'],
      ['a NUL', { 'a\0': 1 }, 'plan-path-invalid'],
      ['a file that is a folder too', { a: 1, 'a/b': 1 }, 'plan-path-conflict'],
      ['a name of dots', { a: 1 }, 'plan-path-invalid', { name: '..' }],
      ['two files as a single one', { a: 1, b: 1 }, 'plan-path-invalid', { isSingleFile: true }],
      ['a piece length that is no power of two', { a: 1 }, 'piece-length-invalid', { pieceLength: 49_152 }],
      ['a piece length below a block', { a: 1 }, 'piece-length-invalid', { pieceLength: 8192 }],
      [
        'a piece length that is absurd',
        { a: 1 },
        'piece-length-invalid',
        { pieceLength: 2 * METAINFO_LIMITS.pieceLength },
      ],
      ['a piece length that is no number', { a: 1 }, 'piece-length-invalid', { pieceLength: Number.NaN }],
      ['more pieces than anyone takes', { a: (METAINFO_LIMITS.pieces + 1) * PIECE }, 'too-many-pieces'],
    ]
  for (const [name, lengths, code, options] of bad) {
    test(`is refused for ${name}`, () =>
      assert.throws(() => plan(lengths, 'hybrid', options), { name: 'UsageError', code }))
  }

  test('is refused for the same path twice', () => {
    const files = [
      { path: ['a'], length: 1 },
      { path: ['a'], length: 1 },
    ]
    assert.throws(() => planTorrent({ name: 'x', isSingleFile: false, files, format: 'v1' }), {
      code: 'plan-path-conflict',
    })
  })
})
