import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { enterLock, leaveLock } from '../../../src/tracker/shared-lock.ts'

suite('a shared lock', () => {
  test('is held from entering to leaving', () => {
    const words = new Int32Array(new SharedArrayBuffer(8))
    enterLock(words, 1)
    assert.deepEqual([...words], [0, 1])
    leaveLock(words, 1)
    assert.deepEqual([...words], [0, 0])
  })

  test('is free again after somebody waited for it', () => {
    const words = new Int32Array(new SharedArrayBuffer(4))
    words[0] = 2
    leaveLock(words, 0)
    assert.equal(words[0], 0)
    enterLock(words, 0)
    assert.equal(words[0], 1)
  })
})
