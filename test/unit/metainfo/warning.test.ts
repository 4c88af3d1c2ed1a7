import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Warnings } from '../../../src/metainfo/warning.ts'

test('warnings keep the first message of each code and count the rest', () => {
  const warnings = new Warnings()
  warnings.add('b', 'first')
  warnings.add('a', 'other')
  warnings.add('b', 'second')
  assert.deepEqual(warnings.list(), [
    { code: 'b', message: 'first', count: 2 },
    { code: 'a', message: 'other', count: 1 },
  ])
})
