import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Changes } from '../../../src/client/changes.ts'
import { CLIENT_LIMITS } from '../../../src/client/limits.ts'

describe('Changes', () => {
  it('names what changed since a revision, each once, the latest change last', () => {
    const changes = new Changes()
    for (const key of ['a', 'b', 'c', 'a']) changes.mark(key)
    assert.deepEqual(changes.since(0), { revision: 4, isWhole: true, keys: ['b', 'c', 'a'], gone: [] })
    assert.deepEqual(changes.since(2), { revision: 4, isWhole: false, keys: ['c', 'a'], gone: [] })
    assert.deepEqual(changes.since(4), { revision: 4, isWhole: false, keys: [], gone: [] })
  })

  it('names what was taken out, until it is there again', () => {
    const changes = new Changes()
    changes.mark('a')
    changes.mark('b')
    changes.remove('a')
    assert.deepEqual(changes.since(2), { revision: 3, isWhole: false, keys: [], gone: ['a'] })
    assert.deepEqual(changes.since(0).keys, ['b'])
    changes.remove('never there')
    assert.equal(changes.revision, 3)
    changes.mark('a')
    assert.deepEqual(changes.since(2), { revision: 4, isWhole: false, keys: ['a'], gone: [] })
  })

  it('says that all is to be read anew where it does not know any more what was taken out', () => {
    const changes = new Changes()
    changes.mark('stays')
    for (let i = 0; i <= CLIENT_LIMITS.removalsTold; i++) {
      changes.mark(`${i}`)
      changes.remove(`${i}`)
    }
    assert.deepEqual(changes.since(1).isWhole, true)
    assert.deepEqual(changes.since(1).keys, ['stays'])
    assert.equal(changes.since(3).gone.length, CLIENT_LIMITS.removalsTold)
  })

  it('loses nothing to one who asks again and again', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd')
    const step = fc.record({ what: fc.constantFrom('mark', 'remove', 'ask'), key })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), steps => {
        const changes = new Changes()
        const there = new Map<string, number>()
        const known = new Map<string, number>()
        let revision = 0
        let tick = 0
        for (const { what, key: of } of steps) {
          if (what === 'mark') {
            changes.mark(of)
            there.set(of, ++tick)
          } else if (what === 'remove') {
            changes.remove(of)
            there.delete(of)
          } else {
            const news = changes.since(revision)
            revision = news.revision
            if (news.isWhole) known.clear()
            for (const gone of news.gone) known.delete(gone)
            for (const changed of news.keys) known.set(changed, there.get(changed)!)
            assert.deepEqual(Object.fromEntries(known), Object.fromEntries(there))
          }
        }
      }),
    )
  })
})
