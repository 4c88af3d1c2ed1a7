import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'
import { isSafePath, savedFolder, savedPath } from '../../../src/metainfo/saved-path.ts'

const FOLDER = { isSingleFile: false, name: 'a_b', originalName: 'a:b' }
const FILE = { path: ['c_', 'd'], originalPath: ['c?', 'd'] }

describe('where a file is saved', () => {
  it('is below the folder of its torrent, under safe names', () => {
    assert.deepEqual(savedPath(FOLDER, FILE), ['a_b', 'c_', 'd'])
    assert.deepEqual(savedPath({ ...FOLDER, isSingleFile: true }, FILE), ['c_', 'd'])
    assert.equal(savedFolder(FOLDER), 'a_b')
  })

  it('is where it was when the torrent was made, unless that leads elsewhere', () => {
    const how = { hasOwnNames: true }
    assert.deepEqual(savedPath(FOLDER, FILE, how), ['a:b', 'c?', 'd'])
    assert.equal(savedFolder(FOLDER, how), 'a:b')
    for (const originalPath of [['..', 'd'], ['a/b'], ['\ufffd'], ['']])
      assert.deepEqual(savedPath(FOLDER, { ...FILE, originalPath }, how), ['a_b', 'c_', 'd'])
    assert.equal(savedFolder({ ...FOLDER, originalName: '..' }, how), 'a_b')
  })
})

describe('a name that a user gives', () => {
  it('has to be one that all systems can have, below the folder', () => {
    for (const path of ['a', 'a/b c/d.mkv', 'ü/日本']) assert.equal(isSafePath(path), true, path)
    for (const path of ['', '/a', 'a/', 'a//b', '.', '../a', 'a/../b', 'a\\b', 'a:b', 'con', 'a.', 'a\0b'])
      assert.equal(isSafePath(path), false, path)
    assert.equal(isSafePath('a/'.repeat(METAINFO_LIMITS.pathLength / 2) + 'b'), false)
    assert.equal(isSafePath('x'.repeat(300)), false)
  })
})
