import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { freeSpace } from '../../../src/storage/free-space.ts'
import { TemporaryFolder } from './temporary-folder.ts'

describe('freeSpace', () => {
  it('is that of the disk, also for a folder that has to be made first', () => {
    using folder = new TemporaryFolder()
    const free = freeSpace(folder.path)
    assert.ok(free !== null && free > 0)
    const below = freeSpace(folder.at('not/there'))
    // Others write to the same disk meanwhile.
    assert.ok(below !== null && Math.abs(below - free) < free / 2)
    assert.equal(existsSync(folder.at('not')), false)
  })

  it('is not known where a file system counts no blocks', {
    skip: existsSync('/proc/self') ? false : 'there is no /proc here',
  }, () => {
    assert.equal(freeSpace('/proc/self'), null)
  })
})
