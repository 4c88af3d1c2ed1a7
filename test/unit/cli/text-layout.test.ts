import assert from 'node:assert/strict'
import test from 'node:test'
import {
  alignPairs,
  padEnd,
  padStart,
  textWidth,
  truncateEnd,
  truncateMiddle,
} from '../../../src/cli/text-layout.ts'

test('width is counted in cells of a terminal', () => {
  assert.equal(textWidth('abc'), 3)
  assert.equal(textWidth('日本'), 4)
  assert.equal(textWidth('\u001b[32mok\u001b[39m'), 2)
  assert.equal(padEnd('日', 4), '日  ')
  assert.equal(padStart('7', 3), '  7')
})

test('what is too long is cut and says so, never inside a character', () => {
  assert.equal(truncateEnd('abcdef', 6), 'abcdef')
  assert.equal(truncateEnd('abcdef', 4), 'abc…')
  assert.equal(truncateEnd('日本語', 4), '日…')
  assert.equal(truncateEnd('👩‍👩‍👧👩‍👩‍👧', 3), '👩‍👩‍👧…')
  assert.equal(truncateEnd('abc', 0), '')
})

test('a file keeps its ending when its middle is cut out', () => {
  assert.equal(truncateMiddle('a-very-long-name.mkv', 11), 'a-ver…e.mkv')
  assert.equal(truncateMiddle('short.mkv', 11), 'short.mkv')
  for (let width = 1; width < 12; width++) {
    assert.ok(textWidth(truncateMiddle('日本語の名前.mkv', width)) <= width)
  }
})

test('pairs stand in two columns', () => {
  assert.deepEqual(
    alignPairs([
      ['name', 'x'],
      ['trackers', ['a', 'b']],
      ['none', []],
    ]),
    ['name      x', 'trackers  a', '          b'],
  )
})
