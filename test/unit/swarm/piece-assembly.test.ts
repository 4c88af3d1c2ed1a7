import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concatBytes } from '../../../src/core/bytes.ts'
import { BLOCK_LENGTH } from '../../../src/metainfo/geometry.ts'
import { PieceAssembly } from '../../../src/swarm/piece-assembly.ts'
import { blockBytes, deliver, extentPool } from '../../support/gathering.ts'

const ann = { name: 'ann' }
const ben = { name: 'ben' }

/** Pieces of `blocks` blocks; the last block is 100 bytes shorter where `short`. */
function assembly(options: { blocks?: number; extents?: number; short?: boolean } = {}) {
  const pool = extentPool(options.extents ?? 8)
  const length = (options.blocks ?? 3) * BLOCK_LENGTH - (options.short ? 100 : 0)
  return { pool, gathering: new PieceAssembly({ pool, lengthOf: () => length }) }
}

describe('PieceAssembly', () => {
  it('gathers a piece from blocks in any order', () => {
    const { gathering } = assembly({ blocks: 3, short: true })
    gathering.open(7)
    const last = blockBytes(7, 2, BLOCK_LENGTH - 100)
    assert.equal(deliver(gathering, 7, 2, ann, last), 'partial')
    assert.equal(deliver(gathering, 7, 0, ann), 'partial')
    assert.equal(deliver(gathering, 7, 1, ben), 'whole')
    assert.deepEqual(concatBytes(gathering.parts(7)), concatBytes([blockBytes(7, 0), blockBytes(7, 1), last]))
    assert.deepEqual(gathering.sources(7), [ann, ben, ann])
  })

  it('spreads a long piece over extents', () => {
    const { gathering, pool } = assembly({ blocks: 35 })
    gathering.open(0)
    assert.equal(pool.lent, 3)
    for (let block = 0; block < 35; block++) deliver(gathering, 0, block, ann)
    const parts = gathering.parts(0)
    assert.deepEqual(
      parts.map(part => part.length / BLOCK_LENGTH),
      [16, 16, 3],
    )
    assert.deepEqual(
      concatBytes(parts),
      concatBytes(Array.from({ length: 35 }, (_, block) => blockBytes(0, block))),
    )
  })

  it('opens a piece only where there is memory for all of it', () => {
    const { gathering, pool } = assembly({ blocks: 32, extents: 3 })
    assert.equal(gathering.canOpen(0), true)
    assert.equal(gathering.open(0), true)
    assert.equal(gathering.canOpen(1), false)
    assert.equal(gathering.open(1), false)
    assert.equal(pool.lent, 2)
    assert.equal(gathering.open(0), true, 'it is open already')
    assert.equal(pool.lent, 2)
    gathering.release(0)
    assert.equal(pool.lent, 0)
    assert.equal(gathering.open(1), true)
  })

  it('refuses what is no block of an open piece', () => {
    const { gathering } = assembly({ blocks: 3, short: true })
    assert.equal(gathering.place(0, 0, BLOCK_LENGTH, ann), null, 'not open')
    gathering.open(0)
    for (const [begin, length] of [
      [100, BLOCK_LENGTH],
      [0, 100],
      [0, BLOCK_LENGTH + 1],
      [2 * BLOCK_LENGTH, BLOCK_LENGTH],
      [3 * BLOCK_LENGTH, BLOCK_LENGTH],
      [-BLOCK_LENGTH, BLOCK_LENGTH],
    ] as const) {
      assert.equal(gathering.place(0, begin, length, ann), null, `${begin}+${length}`)
    }
    assert.ok(gathering.place(0, 2 * BLOCK_LENGTH, BLOCK_LENGTH - 100, ann))
  })

  it('takes a block once', () => {
    const { gathering } = assembly()
    gathering.open(0)
    deliver(gathering, 0, 1, ann)
    assert.equal(deliver(gathering, 0, 1, ben), 'refused')
    assert.equal(gathering.arrived(0, BLOCK_LENGTH, ben), 'duplicate')
    assert.deepEqual(gathering.sources(0), [null, ann, null])
  })

  it('does not count a block that came in part', () => {
    const { gathering } = assembly()
    gathering.open(0)
    gathering.place(0, 0, BLOCK_LENGTH, ann)!.write(new Uint8Array(100))
    assert.equal(gathering.arrived(0, 0, ann), 'duplicate')
    assert.equal(gathering.has(0, 0), false)
  })

  it('keeps no trace of who goes away in the middle of a block', () => {
    const { gathering } = assembly({ blocks: 1 })
    gathering.open(0)
    const left = gathering.place(0, 0, BLOCK_LENGTH, ann)!
    left.write(new Uint8Array(5000).fill(0xee))
    gathering.sourceGone(ann)
    left.write(new Uint8Array(5000).fill(0xee))
    assert.equal(deliver(gathering, 0, 0, ben), 'whole')
    assert.deepEqual(concatBytes(gathering.parts(0)), blockBytes(0, 0))
    assert.deepEqual(gathering.sources(0), [ben])
  })

  it('starts a block anew when its sender does', () => {
    const { gathering } = assembly({ blocks: 1 })
    gathering.open(0)
    gathering.place(0, 0, BLOCK_LENGTH, ann)!.write(new Uint8Array(5000).fill(0xee))
    assert.equal(deliver(gathering, 0, 0, ann), 'whole')
    assert.deepEqual(concatBytes(gathering.parts(0)), blockBytes(0, 0))
  })

  describe('when two send the same block at a time', () => {
    it('lets the first one that is done count, and the other write nowhere', () => {
      const { gathering } = assembly({ blocks: 1 })
      gathering.open(0)
      const slow = gathering.place(0, 0, BLOCK_LENGTH, ann)!
      slow.write(new Uint8Array(100).fill(0xee))
      assert.equal(deliver(gathering, 0, 0, ben), 'whole')
      slow.write(new Uint8Array(BLOCK_LENGTH - 100).fill(0xee))
      assert.equal(gathering.arrived(0, 0, ann), 'duplicate')
      assert.deepEqual(concatBytes(gathering.parts(0)), blockBytes(0, 0))
      assert.deepEqual(gathering.sources(0), [ben])
    })

    it('keeps what the second one wrote out of the block of the first', () => {
      const { gathering } = assembly({ blocks: 1 })
      gathering.open(0)
      const first = gathering.place(0, 0, BLOCK_LENGTH, ann)!
      first.write(blockBytes(0, 0).subarray(0, 100))
      const liar = gathering.place(0, 0, BLOCK_LENGTH, ben)!
      liar.write(new Uint8Array(BLOCK_LENGTH - 1).fill(0xee))
      first.write(blockBytes(0, 0).subarray(100))
      assert.equal(gathering.arrived(0, 0, ann), 'whole')
      assert.deepEqual(concatBytes(gathering.parts(0)), blockBytes(0, 0))
    })
  })

  it('lets nobody write into memory that was given back', () => {
    const { gathering, pool } = assembly({ blocks: 16, extents: 1 })
    gathering.open(0)
    const late = gathering.place(0, 0, BLOCK_LENGTH, ann)!
    gathering.release(0)
    const extent = pool.lend()!
    extent.fill(0)
    late.write(new Uint8Array(1000).fill(0xee))
    assert.ok(extent.every(byte => byte === 0))
    assert.equal(gathering.arrived(0, 0, ann), 'duplicate')
  })

  it('fails a piece whole, and keeps its memory for the next try', () => {
    const { gathering, pool } = assembly({ blocks: 2 })
    gathering.open(0)
    deliver(gathering, 0, 0, ann)
    deliver(gathering, 0, 1, ben)
    gathering.fail(0)
    assert.equal(gathering.isWhole(0), false)
    assert.deepEqual(gathering.sources(0), [null, null])
    assert.equal(pool.lent, 1)
    deliver(gathering, 0, 0, ben)
    assert.equal(deliver(gathering, 0, 1, ben), 'whole')
  })

  it('fails only the blocks that are known to be bad', () => {
    const { gathering } = assembly({ blocks: 3 })
    gathering.open(0)
    for (let block = 0; block < 3; block++) deliver(gathering, 0, block, ann)
    gathering.fail(0, [1])
    assert.deepEqual(gathering.sources(0), [ann, null, ann])
    assert.equal(deliver(gathering, 0, 1, ben), 'whole')
    assert.deepEqual(gathering.sources(0), [ann, ben, ann])
  })

  describe('when memory is short', () => {
    it('names the piece that waited longest for a block', () => {
      const { gathering } = assembly({ blocks: 3 })
      for (const piece of [0, 1, 2]) gathering.open(piece)
      assert.equal(gathering.slowest(), null, 'there is nothing to spill')
      deliver(gathering, 1, 0, ann)
      deliver(gathering, 2, 0, ann)
      assert.equal(gathering.slowest(), 1)
      deliver(gathering, 1, 1, ann)
      assert.equal(gathering.slowest(), 2)
    })

    it('offers what it holds in stretches, and takes memory again only for what comes', () => {
      const { gathering, pool } = assembly({ blocks: 33 })
      gathering.open(0)
      for (const block of [0, 1, 2, 20, 32]) deliver(gathering, 0, block, ann)
      const runs = gathering.runs(0)
      assert.deepEqual(
        runs.map(run => [run.begin / BLOCK_LENGTH, run.length / BLOCK_LENGTH]),
        [
          [0, 3],
          [20, 1],
          [32, 1],
        ],
      )
      assert.deepEqual(concatBytes(runs[1]!.parts), blockBytes(0, 20))
      assert.equal(pool.lent, 3)
      gathering.spilled(0, runs)
      assert.equal(pool.lent, 0)
      assert.equal(gathering.isSpilled(0), true)
      assert.equal(gathering.slowest(), null)
      assert.equal(deliver(gathering, 0, 1, ben), 'refused', 'it is on disk')
      assert.equal(deliver(gathering, 0, 3, ben), 'partial')
      assert.equal(pool.lent, 1)
      assert.deepEqual(gathering.runs(0)[0]!.begin, 3 * BLOCK_LENGTH)
      assert.equal(gathering.sources(0)[0], ann, 'who sent it is still known')
    })

    it('keeps the memory of a block that is being written', () => {
      const { gathering, pool } = assembly({ blocks: 16 })
      gathering.open(0)
      deliver(gathering, 0, 0, ann)
      const writing = gathering.place(0, BLOCK_LENGTH, BLOCK_LENGTH, ben)!
      gathering.spilled(0, gathering.runs(0))
      assert.equal(pool.lent, 1)
      writing.write(blockBytes(0, 1))
      assert.equal(gathering.arrived(0, BLOCK_LENGTH, ben), 'partial')
      assert.deepEqual(concatBytes(gathering.runs(0)[0]!.parts), blockBytes(0, 1))
    })

    it('does not call a block spilled that came after the runs were taken', () => {
      const { gathering } = assembly({ blocks: 3 })
      gathering.open(0)
      deliver(gathering, 0, 0, ann)
      const runs = gathering.runs(0)
      deliver(gathering, 0, 1, ann)
      gathering.spilled(0, runs)
      assert.deepEqual(
        gathering.runs(0).map(run => run.begin / BLOCK_LENGTH),
        [1],
      )
    })

    it('refuses a block of a spilled piece for which there is no memory', () => {
      const { gathering, pool } = assembly({ blocks: 16, extents: 1 })
      gathering.open(0)
      deliver(gathering, 0, 0, ann)
      gathering.spilled(0, gathering.runs(0))
      const taken = pool.lend()!
      assert.equal(deliver(gathering, 0, 1, ann), 'refused')
      pool.giveBack(taken)
      assert.equal(deliver(gathering, 0, 1, ann), 'partial')
    })
  })

  it('goes on with a piece of which a part is on disk since an earlier run', () => {
    const { gathering, pool } = assembly({ blocks: 3 })
    gathering.restore(4, [0, 2, 99])
    assert.equal(pool.lent, 0)
    assert.equal(deliver(gathering, 4, 1, ann), 'whole')
    assert.equal(gathering.isSpilled(4), true)
    assert.deepEqual(gathering.sources(4), [null, ann, null], 'nobody is blamed for what was on disk')
  })
})
