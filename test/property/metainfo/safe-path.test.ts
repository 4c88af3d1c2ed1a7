/** Safe names against the rules written down character by character; most real names take a shorter way. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { utf8Bytes } from '../../../src/core/bytes.ts'
import { collisionKey, safeElement } from '../../../src/metainfo/safe-path.ts'

const DEVICES = new Set(['con', 'prn', 'aux', 'clock$', 'nul', 'com1', 'lpt9'])

/** Of ASCII, without a cut: shorter than 80 characters. */
function model(name: string): string {
  const kept = [...name].filter(character => !'/\\'.includes(character))
  const safe = kept.map(character => (isRefused(character) ? '_' : character))
  while ('. '.includes(safe.at(-1) ?? '!')) safe.pop()
  const text = safe.join('')
  if (text === '') return '_'
  const beforeDot = text.split('.')[0]!.trimEnd().toLowerCase()
  return DEVICES.has(beforeDot) ? `_${text}` : text
}

function isRefused(character: string): boolean {
  return character < ' ' || character === '\x7f' || '?<>"|*:'.includes(character)
}

const ascii = fc.nat(127).map(code => String.fromCharCode(code))
const device = fc.constantFrom('con', 'CON.txt', 'nul .x', 'com1', 'lpt9.', 'aux', 'clock$')

test('names in ASCII are as the rules say', () => {
  const name = fc.oneof(fc.string({ unit: ascii, maxLength: 79 }), device)
  fc.assert(fc.property(name, text => assert.equal(safeElement(utf8Bytes(text)), model(text))))
})

test('names that are safe stay as they are', () => {
  const name = fc.string({
    unit: fc.oneof(ascii, fc.string({ unit: 'grapheme', maxLength: 1 })),
    maxLength: 300,
  })
  fc.assert(
    fc.property(name, text => {
      const safe = safeElement(utf8Bytes(text))
      assert.equal(safeElement(utf8Bytes(safe)), safe)
    }),
  )
})

test('names collide by the same rule in whatever script', () => {
  const name = fc.string({ unit: fc.oneof(ascii, fc.string({ unit: 'grapheme', maxLength: 1 })) })
  fc.assert(
    fc.property(name, text =>
      assert.equal(collisionKey(text), text.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC')),
    ),
  )
})
