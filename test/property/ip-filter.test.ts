import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RangeTable } from '../../src/ip-filter/range-table.ts'

test('a table of ranges says what a look at each range says', () => {
  const word = fc.nat(40)
  const range = fc.tuple(word, word).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), fc.constantFrom(1, 4), (ranges, width) => {
      const wide = (value: number) => (width === 1 ? [value] : [0, value >> 4, 0, value & 15])
      // In IPv6 the numbers are spread over words: their order stays.
      const table = new RangeTable(
        width,
        ranges.flatMap(([start]) => wide(start)),
        ranges.flatMap(([, end]) => wide(end)),
      )
      for (let value = 0; value <= 41; value++) {
        const isIn = ranges.some(([start, end]) => start <= value && value <= end)
        assert.equal(table.has(wide(value)), isIn, String(value))
      }
    }),
  )
})

test('ranges that were merged never overlap or touch', () => {
  const range = fc.tuple(fc.nat(60), fc.nat(8)).map(([start, more]) => [start, start + more] as const)
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), ranges => {
      const table = new RangeTable(
        1,
        ranges.map(([start]) => start),
        ranges.map(([, end]) => end),
      )
      let runs = 0
      for (let value = 0; value <= 70; value++) if (table.has([value]) && !table.has([value - 1])) runs++
      assert.equal(table.size, runs)
    }),
  )
})
