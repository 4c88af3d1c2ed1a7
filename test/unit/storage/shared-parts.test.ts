import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lengthOfParts, PartsCursor, requireShared } from '../../../src/storage/shared-parts.ts'

const PARTS = [new Uint8Array([0, 1, 2]), new Uint8Array(0), new Uint8Array([3, 4]), new Uint8Array([5])]

describe('PartsCursor', () => {
  it('cuts any two lengths out of the parts as if they were one', () => {
    for (let first = 0; first <= 6; first++) {
      const cursor = new PartsCursor(PARTS)
      const bytes = [...cursor.take(first), ...cursor.take(6 - first)].flatMap(view => [...view])
      assert.deepEqual(bytes, [0, 1, 2, 3, 4, 5], `cut at ${first}`)
    }
  })

  it('gives views, not copies', () => {
    const part = new Uint8Array(4)
    new PartsCursor([part]).take(4)[0]![2] = 9
    assert.equal(part[2], 9)
  })

  it('refuses to go beyond the end', () => {
    assert.throws(() => new PartsCursor(PARTS).take(7), RangeError)
  })
})

describe('parts', () => {
  it('are as long as all of them', () => assert.equal(lengthOfParts(PARTS), 6))

  it('must lie in shared memory', () => {
    requireShared([new Uint8Array(new SharedArrayBuffer(1))])
    assert.throws(() => requireShared([new Uint8Array(1)]), TypeError)
  })
})
