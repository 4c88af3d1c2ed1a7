import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RangeTable } from '../../../src/ip-filter/range-table.ts'

function table(...ranges: [start: number, end: number][]): RangeTable {
  return new RangeTable(
    1,
    ranges.map(([start]) => start),
    ranges.map(([, end]) => end),
  )
}

describe('a table of ranges', () => {
  it('knows both ends of each, and nothing beside them', () => {
    const ranges = table([30, 40], [10, 10], [0xffff_fff0, 0xffff_ffff], [0, 1])
    assert.equal(ranges.size, 4)
    const has = [0, 1, 2, 9, 10, 11, 29, 30, 35, 40, 41, 0xffff_ffef, 0xffff_fff0, 0xffff_ffff].filter(n =>
      ranges.has([n]),
    )
    assert.deepEqual(has, [0, 1, 10, 30, 35, 40, 0xffff_fff0, 0xffff_ffff])
  })

  it('makes one of those that overlap, touch, or lie in one another', () => {
    const ranges = table([1, 5], [6, 9], [20, 90], [30, 40], [80, 100], [102, 103], [1, 2])
    assert.equal(ranges.size, 3)
    assert.deepEqual(
      [10, 19, 101, 104].filter(n => ranges.has([n])),
      [],
    )
    assert.ok([1, 5, 6, 9, 20, 41, 100, 102].every(n => ranges.has([n])))
  })

  it('is empty', () => {
    assert.equal(table().has([0]), false)
    assert.equal(table().size, 0)
  })

  it('compares all words of an IPv6 address', () => {
    const ranges = new RangeTable(4, [1, 0, 0, 5, 1, 0, 1, 0], [1, 0, 0, 0xffff_ffff, 1, 0, 1, 9])
    assert.equal(ranges.size, 2, 'a carry does not count as touching: nothing is lost by it')
    assert.ok(ranges.has([1, 0, 0, 5]) && ranges.has([1, 0, 0, 0xffff_ffff]) && ranges.has([1, 0, 1, 9]))
    assert.ok(
      !ranges.has([1, 0, 0, 4]) &&
        !ranges.has([1, 0, 1, 10]) &&
        !ranges.has([0, 0, 0, 7]) &&
        !ranges.has([2, 0, 0, 7]),
    )
  })
})
