import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { latin1Bytes, utf8Bytes } from '../../../src/core/bytes.ts'
import { cleanElement, collisionKey, numbered, safeElement } from '../../../src/metainfo/safe-path.ts'

describe('a name from a torrent', () => {
  const cases: [name: string, safe: string][] = [
    ['a', 'a'],
    ['a...b', 'a...b'],
    ['.hidden', '.hidden'],
    ['', '_'],
    ['.', '_'],
    ['..', '_'],
    ['...', '_'],
    [' ', '_'],
    ['/a/', 'a'],
    ['/..', '_'],
    ['\\c', 'c'],
    ['//\\', '_'],
    ['dev:', 'dev_'],
    ['\b', '_'],
    ['\0\0', '__'],
    ['\b?filename=4', '__filename=4'],
    ['abc...', 'abc'],
    ['a. . .', 'a'],
    ['abc   ', 'abc'],
    ['foo\u200ebar', 'foobar'],
    ['foo\u202bbar', 'foobar'],
    ['con', '_con'],
    ['CON.txt', '_CON.txt'],
    ['con .txt', '_con .txt'],
    ['clock$', '_clock$'],
    ['com0', '_com0'],
    ['com¹', '_com¹'],
    ['com12', 'com12'],
    ['con:', 'con_'],
    ['con.', '_con'],
    ['c\u200bon', '_con'],
    ['\ufffd', '\ufffd'],
  ]
  for (const [name, safe] of cases) {
    test(`${JSON.stringify(name)} becomes ${JSON.stringify(safe)}`, () =>
      assert.equal(safeElement(utf8Bytes(name)), safe))
  }

  const invalid: [bytes: string, safe: string][] = [
    ['filename\xc2\xa1', 'filename¡'],
    ['filename\xc2', 'filename_'],
    ['filename\xe2\x9f', 'filename_'],
    ['filename\xf0\x9f\x92\x88', 'filename\u{1f488}'],
    ['filename\xc0\xae', 'filename__'],
    ['filename\xe0\x80\xae', 'filename___'],
    ['\xed\xa0\x80', '___'],
    ['\xff\xfe', '__'],
  ]
  for (const [bytes, safe] of invalid) {
    test(`the bytes ${JSON.stringify(bytes)} become ${JSON.stringify(safe)}`, () =>
      assert.equal(safeElement(latin1Bytes(bytes)), safe))
  }

  test('of which nothing is left is null where the caller knows better', () => {
    for (const name of ['', '.', '..', '/', '\u200b', ' . '])
      assert.equal(cleanElement(utf8Bytes(name)), null)
    assert.equal(cleanElement(utf8Bytes('a')), 'a')
  })

  test('is cut at 240 bytes, and keeps a short extension', () => {
    assert.equal(safeElement(utf8Bytes('n'.repeat(240))), 'n'.repeat(240))
    assert.equal(safeElement(utf8Bytes('n'.repeat(241))), 'n'.repeat(240))
    assert.equal(safeElement(utf8Bytes(`${'n'.repeat(250)}.torrent`)), `${'n'.repeat(240)}.torrent`)
    assert.equal(safeElement(utf8Bytes(`${'n'.repeat(250)}.torrents1`)), 'n'.repeat(240))
    assert.equal(safeElement(utf8Bytes(`${'n'.repeat(238)}.txt`)), `${'n'.repeat(238)}.t`)
  })

  test('never ends inside a character when it is cut', () => {
    for (const character of ['ü', '日', '🐟']) {
      for (let shift = 0; shift < 4; shift++) {
        const safe = safeElement(utf8Bytes('n'.repeat(shift) + character.repeat(200)))
        assert.ok(utf8Bytes(safe).length <= 240 && utf8Bytes(safe).length > 236)
        assert.ok(!safe.includes('\ufffd'))
      }
    }
  })

  test('is the same when it is made safe again', () => {
    for (const [name] of cases) {
      const safe = safeElement(utf8Bytes(name))
      assert.equal(safeElement(utf8Bytes(safe)), safe)
    }
  })
})

describe('a number in a name', () => {
  const cases: [name: string, number: number, length: number, expected: string][] = [
    ['bar.txt', 1, 255, 'bar.1.txt'],
    ['foo', 2, 255, 'foo.2'],
    ['.bashrc', 1, 255, '.bashrc.1'],
    ['a.tar.gz', 3, 255, 'a.tar.3.gz'],
    ['abcdefgh.txt', 10, 12, 'abcde.10.txt'],
    ['üüüü', 1, 7, 'üü.1'],
  ]
  for (const [name, number, length, expected] of cases) {
    test(`${name} with ${number} in ${length} bytes is ${expected}`, () =>
      assert.equal(numbered(name, number, length), expected))
  }
})

describe('names that a disk may take for one', () => {
  const same: [string, string][] = [
    ['README', 'readme'],
    ['b\u00e4r', 'ba\u0308r'],
    ['Straße', 'STRASSE'],
    ['ſ', 's'],
    ['K', '\u212a'],
    ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
  ]
  for (const [a, b] of same) test(`${a} and ${b}`, () => assert.equal(collisionKey(a), collisionKey(b)))

  test('are not names that differ otherwise', () => assert.notEqual(collisionKey('a'), collisionKey('ä')))
})
