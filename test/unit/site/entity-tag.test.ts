import assert from 'node:assert/strict'
import test from 'node:test'
import { hasEntityTag } from '../../../src/site/entity-tag.ts'

test('a tag is found alone, weak, in a list and by a star', () => {
  for (const header of ['"a"', 'W/"a"', '"x", "a"', ' "x" ,W/"a" ', '*'])
    assert.ok(hasEntityTag(header, '"a"'), header)
})

test('nothing else matches', () => {
  for (const header of [undefined, '', 'a', '"A"', '"ab"', '"x"', 'w/"a"']) {
    assert.ok(!hasEntityTag(header, '"a"'), header ?? 'no header')
  }
})
