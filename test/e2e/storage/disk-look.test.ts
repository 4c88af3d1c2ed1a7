import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { describe, it } from 'node:test'
import { lookAtDisk } from '../../../src/storage/disk-look.ts'
import { TemporaryFolder } from './temporary-folder.ts'

describe('what a disk looks like', () => {
  it('is told of the one that has the folder, also for a folder that has to be made first', () => {
    using folder = new TemporaryFolder()
    const { device, free } = lookAtDisk(folder.path)
    assert.equal(device, statSync(folder.path, { bigint: true }).dev)
    assert.ok(free !== null && free > 0)
    const { device: deviceBelow, free: below } = lookAtDisk(folder.at('not/there'))
    assert.equal(deviceBelow, device)
    // Others write to the same disk meanwhile.
    assert.ok(below !== null && Math.abs(below - free) < free / 2)
    assert.equal(existsSync(folder.at('not')), false)
  })

  it('says no room where a file system counts no blocks', {
    skip: existsSync('/proc/self') ? false : 'there is no /proc here',
  }, () => {
    assert.equal(lookAtDisk('/proc/self').free, null)
  })
})
