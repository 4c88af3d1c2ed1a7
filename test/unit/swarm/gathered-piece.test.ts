import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BLOCK_LENGTH } from '../../../src/metainfo/geometry.ts'
import { GatheredPiece, PAD_SOURCE } from '../../../src/swarm/gathered-piece.ts'
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

  it('fills in its pads as zeros, wherever it borrows memory', () => {
    const pool = extentPool(2)
    const used = [pool.lend()!, pool.lend()!]
    for (const extent of used) pool.giveBack(extent.fill(9))
    const piece = new GatheredPiece(20 * BLOCK_LENGTH, pool, [1, 18, 19])
    piece.lendAll()
    assert.ok(piece.views(BLOCK_LENGTH, BLOCK_LENGTH)[0]!.every(byte => byte === 0))
    assert.ok(piece.views(18 * BLOCK_LENGTH, 2 * BLOCK_LENGTH)[0]!.every(byte => byte === 0))
    assert.equal(piece.views(0, 1)[0]![0], 9, 'what is not a pad is left as it was')
    assert.equal(piece.has(18), true)
    assert.equal(piece.has(0), false)
    assert.equal(piece.sources[1], PAD_SOURCE)
    assert.deepEqual([piece.held, piece.isSpilled, piece.isWhole], [0, false, false])
    assert.deepEqual(piece.runs(), [])
  })

  it('counts what is on disk apart from pads', () => {
    const piece = new GatheredPiece(3 * BLOCK_LENGTH, extentPool(1), [2])
    piece.restored(2)
    assert.equal(piece.isSpilled, false, 'a pad is nowhere')
    piece.restored(0)
    piece.restored(1)
    assert.deepEqual([piece.isSpilled, piece.isWhole], [true, true])
    assert.deepEqual([...piece.spilledBlocks], [0, 1])
    piece.fail()
    assert.deepEqual([piece.isSpilled, piece.isWhole], [false, false])
    assert.equal(piece.has(2), true)
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
