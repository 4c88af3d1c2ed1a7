import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KnownLooks } from '../../../src/storage/known-looks.ts'
import type { FileLook } from '../../../src/storage/torrent-storage.ts'

const look = (mtimeNs: bigint): FileLook => ({ length: 10, mtimeNs, ino: 1n, dev: 1n })

describe('what files look like', () => {
  it('is known from when they were looked at, and a later look does not hide a change', () => {
    const looks = new KnownLooks()
    assert.equal(looks.lookOf('a'), null)
    looks.found('a', look(1n), looks.now)
    looks.found('a', look(2n), looks.now)
    assert.deepEqual(looks.lookOf('a'), look(1n))
    assert.equal(looks.changed('a', look(2n), looks.now), true)
    assert.deepEqual(looks.lookOf('a'), look(2n))
  })

  it('is not known of a file that we write to, until it is looked at afterwards', () => {
    const looks = new KnownLooks()
    looks.found('a', look(1n), looks.now)
    const before = looks.now
    looks.writes('a')
    assert.equal(looks.lookOf('a'), null)
    looks.found('a', look(2n), looks.now)
    assert.equal(looks.lookOf('a'), null, 'while it is written')
    looks.wrote('a')
    looks.found('a', look(2n), before)
    assert.equal(looks.lookOf('a'), null, 'asked before it was written')
    assert.equal(looks.changed('a', look(2n), before), false, 'it was us')
    looks.found('a', look(3n), looks.now)
    assert.deepEqual(looks.lookOf('a'), look(3n))
  })

  it('is not known any more of a file that is gone', () => {
    const looks = new KnownLooks()
    looks.found('a', look(1n), looks.now)
    looks.found('a', null, looks.now)
    assert.equal(looks.lookOf('a'), null)
  })

  it('is not mistaken when it is not there yet while we write to it', () => {
    const looks = new KnownLooks()
    looks.writes('a')
    looks.found('a', null, looks.now)
    looks.wrote('a')
    looks.found('a', look(1n), looks.now)
    assert.deepEqual(looks.lookOf('a'), look(1n))
    assert.equal(looks.changed('a', look(2n), looks.now), true)
    looks.writes('a')
    looks.found('a', look(3n), looks.now)
    assert.equal(looks.lookOf('a'), null, 'while it is written')
  })
})
