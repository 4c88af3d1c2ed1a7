import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { distinctPaths } from '../../../src/metainfo/distinct-paths.ts'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'

function distinct(...paths: string[]): string[] {
  return distinctPaths(paths.map(path => path.split('/'))).map(path => path.join('/'))
}

describe('distinct paths', () => {
  test('are left as they are', () => {
    const paths = [['a', 'b'], ['a', 'c'], ['b']]
    for (const [index, path] of distinctPaths(paths).entries()) assert.equal(path, paths[index])
  })

  const cases: [paths: string[], expected: string[]][] = [
    [
      ['a', 'a', 'a'],
      ['a', 'a.1', 'a.2'],
    ],
    [
      ['a', 'a.1', 'a'],
      ['a', 'a.1', 'a.2'],
    ],
    [
      ['a', 'a', 'a.1'],
      ['a', 'a.1', 'a.1.1'],
    ],
    [
      ['x/a.txt', 'X/A.TXT', 'y/a.txt'],
      ['x/a.txt', 'X/A.1.TXT', 'y/a.txt'],
    ],
    [
      ['a', 'a/b'],
      ['a.1', 'a/b'],
    ],
    [
      ['a/b', 'a'],
      ['a/b', 'a.1'],
    ],
    [
      ['a/b', 'A/c', 'a'],
      ['a/b', 'A/c', 'a.1'],
    ],
    [
      ['a/b/c', 'a/b', 'a'],
      ['a/b/c', 'a/b.1', 'a.1'],
    ],
    [
      ['d/x', 'e/x', 'd/y', 'd'],
      ['d/x', 'e/x', 'd/y', 'd.1'],
    ],
  ]
  for (const [paths, expected] of cases) {
    test(`${paths.join(' ')} become ${expected.join(' ')}`, () =>
      assert.deepEqual(distinct(...paths), expected))
  }

  test('are found for as many files of one name as the limit allows, and no more', () => {
    const same = (count: number): string[] => Array.from({ length: count }, () => 'a')
    const most = METAINFO_LIMITS.sameNames + 1
    assert.equal(new Set(distinct(...same(most))).size, most)
    assert.throws(() => distinct(...same(most + 1)), { code: 'too-many-duplicate-paths' })
  })
})
