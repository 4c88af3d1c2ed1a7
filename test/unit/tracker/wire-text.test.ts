import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8Bytes } from '../../../src/core/bytes.ts'
import { TRACKER_LIMITS } from '../../../src/tracker/limits.ts'
import { wireText } from '../../../src/tracker/wire-text.ts'

test('what a tracker says is shown without control characters, and cut', () => {
  assert.equal(wireText(utf8Bytes(' \x1b[31mred\r\n\x00é ')), '[31mred é')
  assert.equal(wireText(utf8Bytes('ü'.repeat(5000))), 'ü'.repeat(TRACKER_LIMITS.answerTextLength))
  assert.equal(wireText(new Uint8Array(0)), '')
})
