import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Deadlines } from '../../../src/core/deadlines.ts'

function takeAll<T>(deadlines: Deadlines<T>, now: number): T[] {
  const keys: T[] = []
  for (let key = deadlines.take(now); key !== null; key = deadlines.take(now)) keys.push(key)
  return keys
}

describe('Deadlines', () => {
  it('has nothing to take at first', () => {
    const deadlines = new Deadlines<string>()
    assert.equal(deadlines.next(), Number.POSITIVE_INFINITY)
    assert.equal(deadlines.take(Number.MAX_VALUE), null)
    assert.equal(deadlines.get('a'), Number.POSITIVE_INFINITY)
  })

  it('gives what is due, the earliest first', () => {
    const deadlines = new Deadlines<string>()
    for (const [key, at] of [
      ['c', 30],
      ['a', 10],
      ['d', 40],
      ['b', 20],
    ] as const)
      deadlines.set(key, at)
    assert.equal(deadlines.next(), 10)
    assert.equal(deadlines.take(9), null)
    assert.deepEqual(takeAll(deadlines, 30), ['a', 'b', 'c'])
    assert.equal(deadlines.next(), 40)
    assert.equal(deadlines.size, 1)
  })

  it('gives equal deadlines in the order they were set', () => {
    const deadlines = new Deadlines<number>()
    for (let key = 0; key < 20; key++) deadlines.set(key, 5)
    assert.deepEqual(
      takeAll(deadlines, 5),
      Array.from({ length: 20 }, (_, key) => key),
    )
  })

  it('moves a key either way, and keeps it where the time is the same', () => {
    const deadlines = new Deadlines<string>()
    for (const key of ['a', 'b', 'c', 'd']) deadlines.set(key, 50)
    deadlines.set('a', 50)
    deadlines.set('c', 10)
    deadlines.set('b', 90)
    assert.equal(deadlines.get('b'), 90)
    assert.deepEqual(takeAll(deadlines, 100), ['c', 'a', 'd', 'b'])
  })

  it('forgets a key that is deleted or set to never', () => {
    const deadlines = new Deadlines<string>()
    deadlines.set('a', 1)
    deadlines.set('b', 2)
    assert.equal(deadlines.delete('a'), true)
    assert.equal(deadlines.delete('a'), false)
    deadlines.set('b', Number.POSITIVE_INFINITY)
    deadlines.set('c', Number.POSITIVE_INFINITY)
    assert.equal(deadlines.size, 0)
    deadlines.set('d', 4)
    deadlines.clear()
    assert.equal(deadlines.take(10), null)
    deadlines.set('d', 5)
    assert.equal(deadlines.next(), 5)
  })

  it('takes a key once', () => {
    const deadlines = new Deadlines<string>()
    deadlines.set('a', 1)
    assert.equal(deadlines.take(1), 'a')
    assert.equal(deadlines.take(1), null)
    assert.equal(deadlines.get('a'), Number.POSITIVE_INFINITY)
  })
})
