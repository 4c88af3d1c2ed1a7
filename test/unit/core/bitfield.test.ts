import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '../../../src/core/bitfield.ts'

function bitfield(length: number, ...indices: number[]): Bitfield {
  const bits = new Bitfield(length)
  for (const index of indices) bits.set(index)
  return bits
}

describe('Bitfield', () => {
  it('starts empty and counts what is set', () => {
    const bits = new Bitfield(10)
    assert.ok(bits.isEmpty)
    assert.equal(bits.set(3), true)
    assert.equal(bits.set(3), false)
    assert.equal(bits.set(9), true)
    assert.equal(bits.count, 2)
    assert.ok(bits.has(3) && bits.has(9) && !bits.has(4))
    assert.equal(bits.clear(3), true)
    assert.equal(bits.clear(3), false)
    assert.equal(bits.count, 1)
    assert.ok(!bits.isEmpty && !bits.isFull)
  })

  it('writes the first index as the top bit of the first byte', () => {
    assert.deepEqual([...bitfield(10, 0, 9).bytes()], [0x80, 0x40])
  })

  it('reads the wire form and counts it', () => {
    const bits = Bitfield.fromBytes(Uint8Array.of(0xa0, 0x40), 10)
    assert.deepEqual(bits && [...bits], [0, 2, 9])
    assert.equal(bits?.count, 3)
  })

  it('refuses a wrong size and spare bits', () => {
    assert.equal(Bitfield.fromBytes(Uint8Array.of(0xff), 9), null)
    assert.equal(Bitfield.fromBytes(Uint8Array.of(0xff, 0x80, 0), 9), null)
    assert.equal(Bitfield.fromBytes(Uint8Array.of(0xff, 0xc0), 9), null)
    assert.ok(Bitfield.fromBytes(Uint8Array.of(0xff, 0x80), 9)?.isFull)
    assert.ok(Bitfield.fromBytes(Uint8Array.of(0xff), 8)?.isFull)
  })

  it('keeps copies, not the bytes it was given', () => {
    const bytes = Uint8Array.of(0x80)
    const bits = Bitfield.fromBytes(bytes, 8)
    bytes[0] = 0
    assert.ok(bits !== null)
    assert.ok(bits.has(0))
    bits.bytes()[0] = 0
    assert.ok(bits.has(0))
    const copy = bits.clone()
    copy.set(1)
    assert.deepEqual([...bits], [0])
    assert.deepEqual([...copy], [0, 1])
    assert.equal(copy.count, 2)
  })

  it('sets all and clears all without spare bits', () => {
    for (const length of [1, 7, 8, 9, 16, 17]) {
      const bits = Bitfield.full(length)
      assert.ok(bits.isFull)
      assert.equal(Bitfield.fromBytes(bits.bytes(), length)?.count, length)
      bits.clearAll()
      assert.ok(bits.isEmpty)
      assert.equal(bits.count, 0)
    }
  })

  it('of no length is both empty and full', () => {
    const bits = new Bitfield(0)
    assert.ok(bits.isEmpty && bits.isFull)
    assert.equal(bits.firstClear(), -1)
    assert.equal(bits.bytes().length, 0)
    assert.ok(Bitfield.fromBytes(new Uint8Array(0), 0))
  })

  it('has no index outside its length, and sets none', () => {
    const bits = Bitfield.full(9)
    for (const index of [-1, 9, 15, 16, 0xffffffff]) {
      assert.equal(bits.has(index), false)
      assert.throws(() => bits.set(index), RangeError)
      assert.throws(() => bits.clear(index), RangeError)
    }
  })

  it('counts what it has in common with another', () => {
    assert.equal(bitfield(20, 1, 7, 8, 19).countCommon(bitfield(20, 0, 7, 19)), 2)
    assert.equal(Bitfield.full(17).countCommon(bitfield(17, 16)), 1)
    assert.equal(new Bitfield(9).countCommon(Bitfield.full(9)), 0)
  })

  it('finds the first clear index', () => {
    const bits = Bitfield.full(40)
    assert.equal(bits.firstClear(), -1)
    bits.clear(17)
    bits.clear(39)
    assert.equal(bits.firstClear(), 17)
    assert.equal(bits.firstClear(17), 17)
    assert.equal(bits.firstClear(18), 39)
    assert.equal(bits.firstClear(40), -1)
  })
})
