import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Changes } from '../../../src/client/changes.ts'

describe('Changes', () => {
  it('names what changed since a revision, each once, the latest change last', () => {
    const changes = new Changes()
    for (const key of ['a', 'b', 'c', 'a']) changes.mark(key)
    assert.deepEqual(changes.since(0), { revision: 4, keys: ['b', 'c', 'a'] })
    assert.deepEqual(changes.since(2), { revision: 4, keys: ['c', 'a'] })
    assert.deepEqual(changes.since(changes.revision), { revision: 4, keys: [] })
  })

  it('loses nothing to one who asks again and again', () => {
    const changes = new Changes()
    assert.deepEqual(changes.since(0), { revision: 0, keys: [] })
    changes.mark('a')
    const { revision } = changes.since(0)
    changes.mark('b')
    changes.mark('a')
    assert.deepEqual(changes.since(revision).keys, ['b', 'a'])
  })
})
