import assert from 'node:assert/strict'
import test from 'node:test'
import {
  formatDuration,
  formatLength,
  formatRate,
  formatShare,
  parseLength,
  parseRate,
} from '../../../src/core/quantities.ts'

test('lengths have three digits and a binary unit', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.98 KiB'],
    [1024, '1.00 KiB'],
    [16384, '16.0 KiB'],
    [262144, '256 KiB'],
    [1023 * 1024, '1.00 MiB'],
    [12_900_000, '12.3 MiB'],
    [2 ** 40, '1.00 TiB'],
    [Number.MAX_SAFE_INTEGER, '8.00 PiB'],
  ]
  for (const [bytes, text] of cases) assert.equal(formatLength(bytes), text)
  assert.equal(formatRate(1536), '1.50 KiB/s')
})

test('times name their two largest units', () => {
  assert.equal(formatDuration(0), '0 s')
  assert.equal(formatDuration(59.4), '59 s')
  assert.equal(formatDuration(200), '3 min 20 s')
  assert.equal(formatDuration(7500), '2 h 05 min')
  assert.equal(formatDuration(86400 * 3 + 3600 * 4), '3 d 04 h')
})

test('100 % is said only of what is whole', () => {
  assert.equal(formatShare(0, 10), '0.0 %')
  assert.equal(formatShare(9999, 10000), '99.9 %')
  assert.equal(formatShare(10, 10), '100 %')
  assert.equal(formatShare(0, 0), '100 %')
})

test('lengths are read with and without units', () => {
  const cases: [string, number][] = [
    ['65536', 65536],
    ['0', 0],
    ['16K', 16384],
    ['16k', 16384],
    ['500KiB', 512000],
    ['500KB', 500000],
    ['1.5MiB', 1572864],
    ['2 M', 2097152],
    ['3G', 3 * 2 ** 30],
    ['12b', 12],
  ]
  for (const [text, bytes] of cases) assert.equal(parseLength(text), bytes, text)
  for (const text of ['', 'K', '-1', '1e3', '0x10', '1.5.2M', '2Mbit', '1 2', 'NaN', '9'.repeat(30)]) {
    assert.throws(() => parseLength(text), { code: 'length-invalid' }, text)
  }
})

test('a rate is a length with or without a second, and never 0', () => {
  assert.equal(parseRate('500K'), 512000)
  assert.equal(parseRate('1.5MiB/s'), 1572864)
  for (const text of ['0', 'fast', '2M/h', ''])
    assert.throws(() => parseRate(text), { code: 'rate-invalid' }, text)
})
