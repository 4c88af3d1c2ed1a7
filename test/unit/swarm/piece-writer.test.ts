import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BLOCK_LENGTH } from '../../../src/metainfo/geometry.ts'
import { PieceAssembly } from '../../../src/swarm/piece-assembly.ts'
import { PieceWriter } from '../../../src/swarm/piece-writer.ts'
import { deliver, extentPool } from '../../support/gathering.ts'
import { ManualKeeper } from '../../support/torrent-bench.ts'

const ann = { name: 'ann' }

/** A piece of 20 blocks, so of two extents, of which some came. */
function bench(...blocks: number[]) {
  const pool = extentPool(2)
  const assembly = new PieceAssembly({ pool, lengthOf: () => 20 * BLOCK_LENGTH })
  const keeper = new ManualKeeper()
  const writer = new PieceWriter({ assembly, keeper })
  assembly.open(0)
  for (const block of blocks) deliver(assembly, 0, block, ann)
  const answers: (string | null)[] = []
  const done = (error: { code: string } | null): void => {
    answers.push(error?.code ?? null)
  }
  return { pool, assembly, keeper, writer, answers, done }
}

describe('PieceWriter', () => {
  it('writes what is there in runs, and answers once when all are on disk', () => {
    const { pool, assembly, keeper, writer, answers, done } = bench(0, 1, 4, 17)
    writer.spill(0, done)
    assert.deepEqual(keeper.handed, ['0.0-2', '0.4-5', '0.17-18'])
    assert.equal(writer.spills(0), true)
    assert.deepEqual([answers, pool.lent], [[], 2])
    keeper.written(0)
    assert.deepEqual([answers, pool.lent], [[null], 0])
    assert.equal(writer.isSpilling, false)
    assert.deepEqual([...assembly.spilledBlocks(0)], [0, 1, 4, 17])
    assert.deepEqual(keeper.remembered, ['spilled 0: 0 1 4 17'])
  })

  it('keeps all in memory where the disk takes not all of it', () => {
    const { pool, assembly, keeper, writer, answers, done } = bench(0, 4)
    writer.spill(0, done)
    keeper.refused(0)
    assert.deepEqual(answers, ['disk-full'])
    assert.equal(assembly.isSpilled(0), false)
    assert.deepEqual([pool.lent, keeper.remembered], [2, []])
  })

  it('leaves what came meanwhile in memory', () => {
    const { pool, assembly, keeper, writer, done } = bench(0, 17)
    writer.spill(0, done)
    deliver(assembly, 0, 18, ann)
    keeper.written(0)
    assert.deepEqual([...assembly.spilledBlocks(0)], [0, 17])
    assert.equal(pool.lent, 1)
  })

  it('answers at once where there is nothing to write', () => {
    const { keeper, writer, answers, done } = bench()
    writer.spill(0, done)
    assert.deepEqual([answers, keeper.handed, keeper.remembered], [[null], [], []])
  })

  it('keeps the memory of a piece that was judged', () => {
    const { pool, keeper, writer, answers, done } = bench(...Array(20).keys())
    writer.write(0, done)
    assert.deepEqual(keeper.handed, ['0.0-20'])
    keeper.written(0)
    assert.deepEqual([answers, pool.lent, keeper.remembered], [[null], 2, []])
  })
})
