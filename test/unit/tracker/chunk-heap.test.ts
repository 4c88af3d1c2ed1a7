import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { CHUNK_LENGTH, ChunkHeap, stretchLength } from '../../../src/tracker/chunk-heap.ts'
import { GROWTH_STEP, SharedMemory } from '../../../src/tracker/shared-memory.ts'
import { seededDice } from '../../support/seeded-dice.ts'

function heapOf(maxChunks: number): { heap: ChunkHeap; memory: SharedMemory } {
  const memory = SharedMemory.allocate(GROWTH_STEP, 8 * GROWTH_STEP)
  const heap = new ChunkHeap(memory, { stateAt: 0, recordsAt: 64, chunksAt: CHUNK_LENGTH, maxChunks })
  return { heap, memory }
}

suite('ChunkHeap', () => {
  test('lends stretches of a few lengths, none much longer than asked for', () => {
    let previous = 0
    for (let length = 1; length <= CHUNK_LENGTH; length++) {
      const lent = stretchLength(length)
      assert.ok(lent >= length && lent % 8 === 0 && lent >= previous)
      assert.ok(length < 128 ? lent - length < 16 : lent <= length * 1.25, `${lent} for ${length}`)
      assert.equal(stretchLength(lent), lent)
      previous = lent
    }
  })

  test('never lends the same memory twice', () => {
    const { heap, memory } = heapOf(100)
    const dice = seededDice()
    const lent: { unit: number; length: number }[] = []
    const owned = new Set<number>()
    for (let i = 0; i < 20_000; i++) {
      if (lent.length > 0 && dice.fraction() < 0.45) {
        const [back] = lent.splice(dice.below(lent.length), 1)
        for (let at = 0; at < back!.length; at += 8) owned.delete(back!.unit + at / 8)
        heap.giveBack(back!.unit, back!.length)
        continue
      }
      const length = stretchLength(1 + dice.below(dice.fraction() < 0.05 ? 4000 : 100))
      const unit = heap.lend(length)
      if (unit === 0) continue
      assert.ok(unit * 8 >= CHUNK_LENGTH && unit * 8 + length <= memory.words.byteLength)
      for (let at = unit; at < unit + length / 8; at++) {
        if (owned.has(at)) assert.fail(`${at} is lent already`)
        owned.add(at)
      }
      memory.words.fill(0xffff_ffff, unit * 2, unit * 2 + length / 4)
      lent.push({ unit, length })
    }
    assert.ok(lent.length > 1000)
  })

  test('has an end, and goes on when something is given back', () => {
    const { heap } = heapOf(2)
    const units = [heap.lend(CHUNK_LENGTH), heap.lend(CHUNK_LENGTH)]
    assert.ok(units.every(unit => unit > 0))
    assert.equal(heap.lend(CHUNK_LENGTH), 0)
    assert.equal(heap.lend(16), 0)
    heap.giveBack(units[0]!, CHUNK_LENGTH)
    assert.equal(heap.lend(CHUNK_LENGTH), units[0])
  })

  test('gives chunks that became empty to stretches of other lengths', () => {
    const { heap } = heapOf(4)
    const small = Array.from({ length: 4096 }, () => heap.lend(16))
    assert.ok(small.every(unit => unit > 0))
    assert.equal(heap.lend(CHUNK_LENGTH), 0)
    for (const unit of small) heap.giveBack(unit, 16)
    assert.equal(heap.used, CHUNK_LENGTH, 'one is kept for the next of its kind')
    const large = [1, 2, 3].map(() => heap.lend(CHUNK_LENGTH))
    assert.ok(large.every(unit => unit > 0))
  })

  test('is tight when three quarters are in use', () => {
    const { heap } = heapOf(4)
    for (const isTight of [false, false, true]) {
      heap.lend(CHUNK_LENGTH)
      assert.equal(heap.isTight, isTight)
    }
  })
})
