import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SystemDice } from '../../../src/net/system-dice.ts'
import { RarityOrder } from '../../../src/swarm/rarity-order.ts'

function order(pieceCount: number, rank = 0): RarityOrder {
  return new RarityOrder({ pieceCount, rankCount: 4, rankOf: () => rank, dice: new SystemDice(3) })
}

/** The pieces of each rank, sorted, for comparing. */
function ranks(of: RarityOrder): number[][] {
  return [0, 1, 2, 3].map(rank => {
    const pieces: number[] = []
    for (let at = of.startOf(rank); at < of.startOf(rank + 1); at++) pieces.push(of.pieceAt(at))
    return pieces.sort((a, b) => a - b)
  })
}

describe('RarityOrder', () => {
  it('starts with all pieces in one rank, shuffled', () => {
    const pieces = order(100, 2)
    assert.deepEqual(ranks(pieces), [[], [], Array.from({ length: 100 }, (_, i) => i), []])
    const first = Array.from({ length: 10 }, (_, at) => pieces.pieceAt(at))
    assert.notDeepEqual(first, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('starts with each piece in its rank', () => {
    const pieces = new RarityOrder({
      pieceCount: 6,
      rankCount: 4,
      rankOf: piece => piece % 3,
      dice: new SystemDice(3),
    })
    assert.deepEqual(ranks(pieces), [[0, 3], [1, 4], [2, 5], []])
    pieces.place(4, 3)
    pieces.place(0, 1)
    assert.deepEqual(ranks(pieces), [[3], [0, 1], [2, 5], [4]])
  })

  it('moves a piece by one rank or by several, up and down', () => {
    const pieces = order(4)
    pieces.place(1, 1)
    pieces.place(2, 3)
    assert.deepEqual(ranks(pieces), [[0, 3], [1], [], [2]])
    pieces.place(2, 1)
    pieces.place(1, 0)
    assert.deepEqual(ranks(pieces), [[0, 1, 3], [2], [], []])
  })

  it('counts the pieces of a rank, and knows the rank of each', () => {
    const pieces = order(3, 1)
    pieces.place(1, 3)
    pieces.place(1, 3)
    assert.deepEqual(
      [0, 1, 2, 3].map(rank => pieces.countOf(rank)),
      [0, 2, 0, 1],
    )
    assert.equal(pieces.rankOf(1), 3)
    assert.equal(pieces.rankOf(2), 1)
  })

  it('has room for no pieces at all', () => {
    assert.equal(order(0).countOf(0), 0)
  })
})
