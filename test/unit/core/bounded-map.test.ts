import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BoundedMap } from '../../../src/core/bounded-map.ts'

describe('BoundedMap', () => {
  it('drops the oldest when it is full, and says which', () => {
    const evicted: [string, number][] = []
    const map = new BoundedMap<string, number>({
      limit: 2,
      onEvict: (key, value) => evicted.push([key, value]),
    })
    map.set('a', 1).set('b', 2)
    assert.deepEqual(evicted, [])
    map.set('c', 3)
    assert.deepEqual(evicted, [['a', 1]])
    assert.deepEqual(
      [...map],
      [
        ['b', 2],
        ['c', 3],
      ],
    )
    assert.equal(map.size, 2)
  })

  it('counts a key that is set again as young, and drops nothing for it', () => {
    const map = new BoundedMap<string, number>({ limit: 2 }).set('a', 1).set('b', 2).set('a', 3)
    assert.equal(map.size, 2)
    map.set('c', 4)
    assert.deepEqual([...map.keys()], ['a', 'c'])
    assert.deepEqual([...map.values()], [3, 4])
  })

  it('keeps its order when read', () => {
    const map = new BoundedMap<string, number>({ limit: 2 }).set('a', 1).set('b', 2)
    assert.equal(map.get('a'), 1)
    map.set('c', 3)
    assert.ok(!map.has('a'))
    assert.equal(map.get('a'), undefined)
  })

  it('deletes and clears without telling', () => {
    const map = new BoundedMap<string, number>({ limit: 2, onEvict: () => assert.fail() })
    map.set('a', 1)
    assert.equal(map.delete('a'), true)
    assert.equal(map.delete('a'), false)
    map.set('b', 1).clear()
    assert.equal(map.size, 0)
  })

  it('evicts an undefined value like any other', () => {
    const map = new BoundedMap<undefined | number, undefined>({ limit: 1 })
    map.set(undefined, undefined).set(1, undefined)
    assert.deepEqual([...map.keys()], [1])
  })

  it('with a limit of nothing keeps nothing', () => {
    assert.equal(new BoundedMap<string, number>({ limit: 0 }).set('a', 1).size, 0)
  })
})
