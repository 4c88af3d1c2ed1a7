import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type GoalRow, goalTable } from '../../bench/goal-table.ts'

const ROW: GoalRow = {
  case: 'leech',
  measured: '900 MiB/s',
  value: 1.2,
  ratio: 1.2,
  wanted: { kind: 'at-least', value: 1 },
  goal: { kind: 'at-least', value: 1.5 },
  skipped: null,
}

function verdictOf(change: Partial<GoalRow>): string {
  return goalTable([{ ...ROW, ...change }])
    .split('\n')
    .at(-1)!
    .split('|')
    .at(-2)!
    .trim()
}

test('says how far a figure came: wanted, goal or neither', () => {
  assert.equal(verdictOf({ value: 1.2 }), 'wanted')
  assert.equal(verdictOf({ value: 1.5 }), 'goal')
  assert.equal(verdictOf({ value: 0.99 }), 'no')
})

test('a bound from above is itself not reached', () => {
  const wanted = { kind: 'below', value: 150 } as const
  assert.equal(verdictOf({ value: 149, wanted, goal: null }), 'yes')
  assert.equal(verdictOf({ value: 150, wanted, goal: null }), 'no')
})

test('at most includes the bound', () => {
  const wanted = { kind: 'at-most', value: 1.15 } as const
  assert.equal(verdictOf({ value: 1.15, wanted, goal: null }), 'yes')
  assert.equal(verdictOf({ value: 1.16, wanted, goal: null }), 'no')
})

test('what was skipped or not measured is never reached', () => {
  assert.equal(verdictOf({ skipped: 'no mktorrent' }), 'skipped: no mktorrent')
  assert.equal(verdictOf({ value: null }), 'not measured')
  assert.equal(verdictOf({ value: Number.NaN }), 'not measured')
})
