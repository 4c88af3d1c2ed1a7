import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BLOCK_LENGTH } from '../../../src/metainfo/geometry.ts'
import { GatheredPiece } from '../../../src/swarm/gathered-piece.ts'
import { extentPool } from '../../support/gathering.ts'

describe('GatheredPiece', () => {
  it('knows its blocks and the length of each', () => {
    const piece = new GatheredPiece(2 * BLOCK_LENGTH + 10, extentPool(1))
    assert.equal(piece.blockCount, 3)
    assert.equal(piece.isBlock(1, BLOCK_LENGTH), true)
    assert.equal(piece.isBlock(2, 10), true)
    assert.equal(piece.isBlock(2, BLOCK_LENGTH), false)
    assert.equal(piece.isBlock(3, 10), false)
    assert.equal(piece.isBlock(0.5, BLOCK_LENGTH), false)
  })

  it('shows any stretch of itself as views on its extents', () => {
    const pool = extentPool(2)
    const piece = new GatheredPiece(20 * BLOCK_LENGTH, pool)
    piece.lendAll()
    const views = piece.views(15 * BLOCK_LENGTH, 2 * BLOCK_LENGTH)
    assert.deepEqual(
      views.map(view => view.length),
      [BLOCK_LENGTH, BLOCK_LENGTH],
    )
    views[1]!.fill(9)
    assert.equal(piece.target(16)![0], 9)
  })

  it('gives back all its memory when it closes, once', () => {
    const pool = extentPool(2)
    const piece = new GatheredPiece(20 * BLOCK_LENGTH, pool)
    piece.lendAll()
    piece.close()
    piece.close()
    assert.equal(pool.lent, 0)
  })
})
