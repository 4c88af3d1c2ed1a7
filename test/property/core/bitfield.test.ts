import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { Bitfield } from '../../../src/core/bitfield.ts'

it('Bitfield unites with others and knows what it is part of', () => {
  const indices = fc.uniqueArray(fc.nat(20), { maxLength: 21 })
  fc.assert(
    fc.property(indices, indices, fc.integer({ min: 21, max: 30 }), (some, others, length) => {
      const [bits, other] = [new Bitfield(length), new Bitfield(length)]
      for (const index of some) bits.set(index)
      for (const index of others) other.set(index)
      assert.equal(
        bits.isSubsetOf(other),
        some.every(index => others.includes(index)),
      )
      bits.addAll(other)
      const all = new Set([...some, ...others])
      assert.deepEqual(
        [...bits],
        [...all].sort((a, b) => a - b),
      )
      assert.equal(bits.count, all.size)
      assert.ok(other.isSubsetOf(bits))
    }),
  )
})

it('Bitfield behaves as a set of numbers would', () => {
  const steps = fc.array(fc.record({ index: fc.nat(40), isSet: fc.boolean() }), { maxLength: 80 })
  fc.assert(
    fc.property(fc.integer({ min: 41, max: 50 }), steps, (length, changes) => {
      const bits = new Bitfield(length)
      const model = new Set<number>()
      for (const { index, isSet } of changes) {
        assert.equal(isSet ? bits.set(index) : bits.clear(index), isSet !== model.has(index))
        if (isSet) model.add(index)
        else model.delete(index)
      }
      assert.deepEqual(
        [...bits],
        [...model].sort((a, b) => a - b),
      )
      assert.equal(bits.count, model.size)
      const read = Bitfield.fromBytes(bits.bytes(), length)
      assert.deepEqual(read && [...read], [...bits])
      assert.equal(read?.count, bits.count)
      const clear = Array.from({ length }, (_, index) => index).filter(index => !model.has(index))
      for (let from = 0; from <= length; from++) {
        assert.equal(bits.firstClear(from), clear.find(index => index >= from) ?? -1)
      }
    }),
  )
})
