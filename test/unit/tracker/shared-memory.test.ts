import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { GROWTH_STEP, SharedMemory } from '../../../src/tracker/shared-memory.ts'

suite('SharedMemory', () => {
  test('grows by steps up to its limit', () => {
    const memory = SharedMemory.allocate(GROWTH_STEP, 3 * GROWTH_STEP)
    assert.deepEqual([memory.grow(), memory.grow(), memory.grow()], [true, true, false])
    assert.equal(memory.words.byteLength, 3 * GROWTH_STEP)
    assert.equal(memory.halves.byteLength, 3 * GROWTH_STEP)
  })

  test('keeps what is in it, and shows it to who shares it', () => {
    const memory = SharedMemory.allocate(GROWTH_STEP, 2 * GROWTH_STEP)
    const other = new SharedMemory(memory.buffer)
    memory.words[0] = 7
    memory.grow()
    memory.words[GROWTH_STEP / 4] = 8
    assert.equal(other.words[GROWTH_STEP / 4], undefined)
    other.see()
    assert.deepEqual([other.words[0], other.words[GROWTH_STEP / 4]], [7, 8])
  })
})
