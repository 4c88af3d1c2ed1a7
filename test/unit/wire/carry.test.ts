import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { Carry } from '../../../src/wire/carry.ts'
import { counted } from './wire-bytes.ts'

suite('Carry', () => {
  it('joins what is appended, a few bytes or many', () => {
    const carry = new Carry()
    carry.append(counted(100), 0, 3)
    carry.append(counted(100), 3, 90)
    carry.append(counted(100), 90, 100)
    assert.deepEqual(carry.bytes.subarray(0, carry.length), counted(100))
  })

  it('grows with what came, to less than twice of it', () => {
    const carry = new Carry()
    for (let at = 0; at < 5_000; at++) {
      carry.append(new Uint8Array([at]), 0, 1)
      assert.ok(carry.bytes.length <= Math.max(32, 2 * carry.length))
    }
  })

  it('uses its memory again after clear', () => {
    const carry = new Carry()
    carry.append(counted(10), 0, 10)
    const { buffer } = carry.bytes
    carry.clear()
    assert.equal(carry.length, 0)
    carry.append(counted(10), 0, 10)
    assert.equal(carry.bytes.buffer, buffer)
  })

  it('leaves its memory to others after release', () => {
    const carry = new Carry()
    carry.append(counted(10), 0, 10)
    const view = carry.bytes.subarray(0, 10)
    carry.release()
    carry.append(new Uint8Array(10), 0, 10)
    assert.deepEqual(view, counted(10))
  })
})
