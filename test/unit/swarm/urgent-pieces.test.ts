import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UrgentPieces } from '../../../src/swarm/urgent-pieces.ts'

describe('UrgentPieces', () => {
  it('are those that somebody waits for, in his order', () => {
    const urgent = new UrgentPieces()
    const waiter = {}
    assert.equal(urgent.isEmpty, true)
    urgent.set(waiter, [3, 4, 5])
    assert.deepEqual(urgent.inOrder, [3, 4, 5])
    urgent.set(waiter, [4, 5, 6])
    assert.deepEqual(urgent.inOrder, [4, 5, 6])
    urgent.set(waiter, [])
    assert.equal(urgent.isEmpty, true)
  })

  it('are taken in turns where several wait, each once', () => {
    const urgent = new UrgentPieces()
    const [ann, bob] = [{}, {}]
    urgent.set(ann, [7, 8, 9, 10])
    urgent.set(bob, [0, 8, 1])
    assert.deepEqual(urgent.inOrder, [7, 0, 8, 9, 1, 10])
    urgent.set(ann, [])
    assert.deepEqual(urgent.inOrder, [0, 8, 1])
  })
})
