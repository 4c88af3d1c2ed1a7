import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EXTENT_LENGTH, ExtentPool } from '../../../src/swarm/extent-pool.ts'

function pool(extents: number) {
  const slabs: number[] = []
  const memory = {
    allocate: (length: number) => {
      slabs.push(length / EXTENT_LENGTH)
      return new Uint8Array(length)
    },
  }
  return { pool: new ExtentPool({ memory, budget: extents * EXTENT_LENGTH }), slabs }
}

function lendAll(from: ExtentPool): Uint8Array[] {
  const lent: Uint8Array[] = []
  for (let extent = from.lend(); extent !== null; extent = from.lend()) lent.push(extent)
  return lent
}

describe('ExtentPool', () => {
  it('lends the budget and not a byte more', () => {
    const { pool: extents } = pool(5)
    assert.equal(lendAll(extents).length, 5)
    assert.equal(extents.lend(), null)
    assert.equal(extents.free, 0)
    assert.equal(extents.lent, 5)
  })

  it('has room for one extent, however small the budget', () => {
    assert.equal(
      lendAll(new ExtentPool({ memory: { allocate: n => new Uint8Array(n) }, budget: 1 })).length,
      1,
    )
  })

  it('grows for a torrent whose pieces are larger than the budget, and never shrinks', () => {
    const { pool: extents } = pool(2)
    extents.growTo(3 * EXTENT_LENGTH - 1)
    assert.equal(extents.free, 3)
    extents.growTo(1)
    assert.equal(lendAll(extents).length, 3)
  })

  it('never lends two extents that overlap', () => {
    const lent = lendAll(pool(40).pool)
    for (const [index, extent] of lent.entries()) extent.fill(index)
    for (const [index, extent] of lent.entries()) assert.ok(extent.every(byte => byte === index))
  })

  it('allocates slabs of extents when they are needed, the last one no larger than the budget', () => {
    const { pool: extents, slabs } = pool(20)
    assert.deepEqual(slabs, [])
    extents.lend()
    assert.deepEqual(slabs, [16])
    lendAll(extents)
    assert.deepEqual(slabs, [16, 4])
  })

  it('lends what came back last', () => {
    const { pool: extents, slabs } = pool(64)
    const first = extents.lend()!
    const second = extents.lend()!
    extents.giveBack(first)
    extents.giveBack(second)
    assert.equal(extents.lend(), second)
    assert.equal(extents.lend(), first)
    assert.deepEqual(slabs, [16])
  })

  it('takes back each extent once, and only its own', () => {
    const { pool: extents } = pool(4)
    const extent = extents.lend()!
    extents.giveBack(extent)
    assert.throws(() => extents.giveBack(extent), { code: 'extent-not-lent' })
    assert.throws(() => extents.giveBack(new Uint8Array(EXTENT_LENGTH)), { code: 'extent-not-lent' })
    assert.equal(extents.free, 4)
  })

  it('is low when less than an eighth is free', () => {
    const { pool: extents } = pool(16)
    const lent = lendAll(extents)
    assert.equal(extents.isLow, true)
    extents.giveBack(lent.pop()!)
    assert.equal(extents.isLow, true)
    extents.giveBack(lent.pop()!)
    assert.equal(extents.isLow, false)
  })
})
