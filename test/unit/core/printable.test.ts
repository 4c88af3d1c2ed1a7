import assert from 'node:assert/strict'
import test from 'node:test'
import { printable } from '../../../src/core/printable.ts'

test('ordinary text of any language and joined emoji stay as they are', () => {
  for (const text of ['a.txt', 'Größe ½', '日本語', 'Ωμέγα', '👩‍👩‍👧', 'مرحبا'])
    assert.equal(printable(text), text)
})

test('what steers a terminal, breaks a line or turns the direction is shown, not done', () => {
  assert.equal(printable('a\u001b[31mb'), 'a\\u{1b}[31mb')
  assert.equal(printable('one\r\ntwo\u2028'), 'one\\u{d}\\u{a}two\\u{2028}')
  assert.equal(printable('\u009b2J'), '\\u{9b}2J')
  assert.equal(printable('photo\u202egpj.exe'), 'photo\\u{202e}gpj.exe')
  assert.equal(printable('a\u200bb\ufeff'), 'a\\u{200b}b\\u{feff}')
  assert.equal(printable('\ud800'), '\\u{d800}')
})
