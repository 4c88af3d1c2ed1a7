import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { areAllGone, isUnchanged, type RecordedFile } from '../../../src/storage/file-look.ts'
import type { FileLook } from '../../../src/storage/torrent-storage.ts'

const LOOK: FileLook = { length: 1000, mtimeNs: 5n, ino: 7n, dev: 1n }

function recorded(change: Partial<FileLook> = {}, isOpen = false): RecordedFile {
  return { state: { ...LOOK, ...change }, isOpen }
}

describe('isUnchanged', () => {
  it('believes a file that looks as it did', () => {
    assert.equal(isUnchanged(recorded(), LOOK), true)
  })

  it('sees another length, time or inode', () => {
    assert.equal(isUnchanged(recorded({ length: 999 }), LOOK), false)
    assert.equal(isUnchanged(recorded({ mtimeNs: 4n }), LOOK), false)
    assert.equal(isUnchanged(recorded({ ino: 8n }), LOOK), false)
  })

  it('does not mind another device number, which a boot may change, nor a file system without inodes', () => {
    assert.equal(isUnchanged(recorded({ dev: 2n }), LOOK), true)
    assert.equal(isUnchanged(recorded({ ino: 0n }), LOOK), true)
  })

  it('knows nothing of files it has not recorded, and none that is gone', () => {
    assert.equal(isUnchanged(undefined, LOOK), false)
    assert.equal(isUnchanged(recorded(), null), false)
  })

  it('lets a file that was being written to have grown and have another time', () => {
    assert.equal(isUnchanged(recorded({ length: 10, mtimeNs: 1n }, true), LOOK), true)
    assert.equal(isUnchanged({ state: null, isOpen: true }, LOOK), true)
  })

  it('does not believe a file that was being written to and is another or shorter now', () => {
    assert.equal(isUnchanged(recorded({ ino: 8n }, true), LOOK), false)
    assert.equal(isUnchanged(recorded({ length: 1001 }, true), LOOK), false)
  })
})

describe('areAllGone', () => {
  const before = new Map([
    ['a', recorded()],
    ['b', recorded({}, true)],
  ])

  it('says so when every known file has vanished', () => {
    assert.equal(areAllGone(before, new Map([['a', null]])), true)
  })

  it('says no when one is there, or none was known', () => {
    assert.equal(areAllGone(before, new Map([['b', LOOK]])), false)
    assert.equal(areAllGone(new Map(), new Map()), false)
  })
})
