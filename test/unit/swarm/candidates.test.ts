import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Candidates } from '../../../src/swarm/candidates.ts'
import { peer } from '../../support/picker-board.ts'

function candidates(blocks: number, allowed: (piece: number) => boolean = () => true): Candidates {
  const request = { ...peer('##.#'), count: blocks, allowed }
  return new Candidates({ request, blocks, blockCount: () => 2 })
}

test('are pieces that the peer has and gives', () => {
  const found = candidates(9, piece => piece !== 1)
  for (const piece of [3, 2, 1, 0]) found.add(piece)
  assert.deepEqual(found.pieces, [3, 0])
  assert.equal(found.areEnough, false)
})

test('are enough when they have the blocks that are wanted', () => {
  const found = candidates(3)
  found.add(0)
  assert.equal(found.areEnough, false)
  found.add(1)
  assert.equal(found.areEnough, true)
})

test('of a few only those in question are taken, as many as are needed, in the order that was asked for', () => {
  const found = candidates(3)
  found.addSome(
    new Set([0, 1, 3]),
    piece => piece !== 1,
    piece => -piece,
  )
  assert.deepEqual(found.pieces, [3, 0])
  const first = candidates(1)
  first.addSome([1, 0, 3], () => true)
  assert.deepEqual(first.pieces, [1])
})
