import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Availability } from '../../../src/swarm/availability.ts'
import { bitsOf } from '../../support/picker-board.ts'

function made() {
  const changed: number[] = []
  return { changed, available: new Availability({ pieceCount: 4, changed: piece => changed.push(piece) }) }
}

describe('Availability', () => {
  it('counts copies, and seeds as one number', () => {
    const { available, changed } = made()
    available.joined(bitsOf('##..'))
    available.joined(bitsOf('.##.'))
    assert.deepEqual(changed, [0, 1, 1, 2])
    available.joined(bitsOf('####'))
    assert.equal(changed.length, 4, 'a seed changes no order')
    assert.equal(available.hasSeeds, true)
    assert.deepEqual(
      [0, 1, 2, 3].map(piece => available.of(piece)),
      [2, 3, 2, 1],
    )
    assert.deepEqual(
      [0, 1, 2, 3].map(piece => available.copies(piece)),
      [1, 2, 1, 0],
    )
  })

  it('forgets who leaves, seed or not', () => {
    const { available } = made()
    const [leech, seed] = [bitsOf('#...'), bitsOf('####')]
    for (const bits of [leech, seed]) available.joined(bits)
    leech.set(1)
    available.has(1)
    for (const bits of [leech, seed]) available.left(bits)
    assert.equal(available.hasSeeds, false)
    assert.deepEqual(
      [0, 1, 2, 3].map(piece => available.of(piece)),
      [0, 0, 0, 0],
    )
  })

  it('counts a seed that loses a piece among the others', () => {
    const { available } = made()
    const seed = bitsOf('####')
    available.joined(seed)
    seed.clear(2)
    available.lacks(2, seed)
    assert.equal(available.hasSeeds, false)
    assert.deepEqual(
      [0, 1, 2, 3].map(piece => available.of(piece)),
      [1, 1, 0, 1],
    )
  })
})
