import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineLimits, describeLimits } from '../../../src/core/limits.ts'

describe('limits', () => {
  const limits = defineLimits('some area', {
    depth: [100, 'levels', 'deep enough'],
    size: [4096, 'bytes', 'large enough'],
  })

  it('are plain numbers that nobody changes', () => {
    assert.deepEqual({ ...limits }, { depth: 100, size: 4096 })
    assert.ok(Object.isFrozen(limits))
  })

  it('tell their unit and their reason', () => {
    assert.deepEqual(describeLimits(limits), [
      { area: 'some area', name: 'depth', value: 100, unit: 'levels', why: 'deep enough' },
      { area: 'some area', name: 'size', value: 4096, unit: 'bytes', why: 'large enough' },
    ])
  })

  it('are told from any other table', () => {
    assert.equal(describeLimits({ depth: 100 }), null)
  })
})
