import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MovingFigures } from '../../../src/client/moving-figures.ts'
import { PayloadTally } from '../../../src/swarm/payload-tally.ts'

test('figures are new when something moved, once more when rates are 0 again, and then not', () => {
  const figures = new MovingFigures()
  const tally = new PayloadTally()
  assert.equal(figures.isNew(tally, 0), false)
  assert.equal(figures.deadline, Number.POSITIVE_INFINITY)
  tally.uploaded = 5
  assert.equal(figures.isNew(tally, 1000), true)
  tally.downloaded = 5
  assert.equal(figures.isNew(tally, 2000), true)
  assert.equal(figures.isNew(tally, 2500), false)
  const { deadline } = figures
  assert.ok(deadline > 5000 && deadline < 10_000)
  assert.equal(figures.isNew(tally, deadline - 1), false)
  assert.equal(figures.isNew(tally, deadline), true)
  assert.equal(figures.deadline, Number.POSITIVE_INFINITY)
  assert.equal(figures.isNew(tally, deadline + 60_000), false)
})
