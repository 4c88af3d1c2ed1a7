import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  compareBytes,
  concatBytes,
  equalBytes,
  formatHex,
  latin1Bytes,
  latin1Text,
  NO_BYTES,
  parseHex,
  readU16,
  readU32,
  strictUtf8Text,
  utf8Bytes,
  utf8Text,
  writeU16,
  writeU32,
} from '../../../src/core/bytes.ts'

describe('numbers in bytes', () => {
  it('are big-endian and unsigned', () => {
    const bytes = Uint8Array.of(9, 0xff, 0xfe, 0xfd, 0xfc)
    assert.equal(readU16(bytes, 1), 0xfffe)
    assert.equal(readU32(bytes, 1), 0xfffefdfc)
  })

  it('read back as written', () => {
    const bytes = new Uint8Array(6)
    for (const value of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      writeU32(bytes, 1, value)
      assert.equal(readU32(bytes, 1), value)
    }
    writeU16(bytes, 4, 0xabcd)
    assert.equal(readU16(bytes, 4), 0xabcd)
    assert.deepEqual([...bytes], [0, 0xff, 0xff, 0xff, 0xab, 0xcd])
  })
})

describe('comparing bytes', () => {
  it('equals by content', () => {
    assert.ok(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)))
    assert.ok(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)))
    assert.ok(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1)))
    assert.ok(equalBytes(NO_BYTES, new Uint8Array(0)))
  })

  it('are equal when long, wherever they lie in memory, unless any byte differs', () => {
    const long = Uint8Array.from({ length: 103 }, (_, i) => i)
    for (const at of [0, 1, 4]) {
      const other = new Uint8Array(200).subarray(at, at + long.length)
      other.set(long)
      assert.ok(equalBytes(long, other))
      for (let i = 0; i < long.length; i++) {
        other[i]! ^= 0x80
        assert.ok(!equalBytes(long, other), `byte ${i} at ${at}`)
        other[i]! ^= 0x80
      }
    }
  })

  it('orders by unsigned byte, a prefix first', () => {
    const sorted = [[], [0], [0, 1], [1], [0x7f], [0x80], [0xff], [0xff, 0]].map(bytes =>
      Uint8Array.from(bytes),
    )
    assert.deepEqual(sorted.toReversed().sort(compareBytes), sorted)
    assert.equal(compareBytes(Uint8Array.of(5), Uint8Array.of(5)), 0)
  })
})

it('concatBytes makes one of many', () => {
  assert.deepEqual(concatBytes([Uint8Array.of(1), NO_BYTES, Uint8Array.of(2, 3)]), Uint8Array.of(1, 2, 3))
  assert.equal(concatBytes([]).length, 0)
})

describe('hexadecimal', () => {
  it('goes both ways', () => {
    assert.equal(formatHex(Uint8Array.of(0, 0x0f, 0xf0, 0xff)), '000ff0ff')
    assert.deepEqual(parseHex('000fF0Ff'), Uint8Array.of(0, 0x0f, 0xf0, 0xff))
  })

  it('is refused where it is not whole bytes of hex', () => {
    for (const text of ['0', 'xx', '0x00', ' 00', '0g', '00\n'])
      assert.throws(() => parseHex(text), { code: 'hex-invalid' })
  })
})

describe('text', () => {
  it('as UTF-8, with what is invalid replaced or refused', () => {
    assert.equal(utf8Text(utf8Bytes('\ufeffnaïve 🐟')), '\ufeffnaïve 🐟')
    assert.equal(strictUtf8Text(utf8Bytes('\ufeffä')), '\ufeffä')
    assert.equal(utf8Text(Uint8Array.of(0x61, 0xff)), 'a\ufffd')
    for (const bytes of [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80]]) {
      assert.equal(strictUtf8Text(Uint8Array.from(bytes)), null)
    }
  })

  it('as one character a byte', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    assert.deepEqual(latin1Bytes(latin1Text(all)), all)
  })
})
