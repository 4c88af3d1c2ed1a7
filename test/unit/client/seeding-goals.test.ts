import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkGoals, reachedGoal, type SeedingFigures } from '../../../src/client/seeding-goals.ts'

const FIGURES: SeedingFigures = {
  uploaded: 150,
  downloaded: 100,
  wantedLength: 1000,
  seededFor: 60_000,
  idleFor: 10_000,
}

describe('a seeding goal', () => {
  it('is none where none is set', () => {
    assert.equal(reachedGoal({}, FIGURES), null)
  })

  it('of ratio counts what was downloaded here', () => {
    assert.equal(reachedGoal({ ratio: 1.5 }, FIGURES), 'ratio')
    assert.equal(reachedGoal({ ratio: 1.6 }, FIGURES), null)
  })

  it('of ratio counts what there is where nothing was downloaded here', () => {
    assert.equal(reachedGoal({ ratio: 1 }, { ...FIGURES, downloaded: 9 }), null)
    assert.equal(reachedGoal({ ratio: 1 }, { ...FIGURES, downloaded: 9, uploaded: 1000 }), 'ratio')
  })

  it('of time and of idle time is in seconds', () => {
    assert.equal(reachedGoal({ seedingTime: 60 }, FIGURES), 'seedingTime')
    assert.equal(reachedGoal({ seedingTime: 61, idleTime: 11 }, FIGURES), null)
    assert.equal(reachedGoal({ seedingTime: 61, idleTime: 10 }, FIGURES), 'idleTime')
  })

  it('is a number, 0 or more', () => {
    assert.deepEqual(checkGoals({ ratio: 0 }), { ratio: 0 })
    for (const ratio of [-1, Number.NaN]) assert.throws(() => checkGoals({ ratio }), { code: 'goal-invalid' })
  })
})
