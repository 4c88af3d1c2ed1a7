import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'
import { formatSelection, parseSelection } from '../../../src/metainfo/select-only.ts'

describe('a selection of files', () => {
  const cases: [values: string[], text: string | null][] = [
    [['0'], '0'],
    [['0,2,4-6'], '0,2,4-6'],
    [['1', '3-4'], '1,3-4'],
    [[' 1 , 2 '], '1,2'],
    [['5-5'], '5'],
    [['6-4,1'], '1'],
    [['-1,a,1-,1-2-3,1.5,0x1'], null],
    [['9999999999'], null],
    [[''], null],
    [[], null],
  ]
  for (const [values, text] of cases) {
    test(`${JSON.stringify(values)} is ${text}`, () => {
      const ranges = parseSelection(values)
      assert.equal(ranges && formatSelection(ranges), text)
    })
  }

  test('has no more ranges than the limit', () => {
    const many = Array.from({ length: METAINFO_LIMITS.selectRanges + 1 }, (_, i) => 2 * i).join(',')
    assert.equal(parseSelection([many])?.length, METAINFO_LIMITS.selectRanges)
  })
})
