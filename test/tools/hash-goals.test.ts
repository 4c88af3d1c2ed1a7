import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashGoals } from '../../bench/hash-goals.ts'

const figures = (name: string, seconds: number, ratio: number | null) => ({
  name,
  ratio,
  seconds: { median: seconds, min: seconds, max: seconds },
})

test('each task is held against the program that is its reference', () => {
  const rows = [
    figures('mktorrent -t 2, v1', 2, 1),
    figures('shoal create, v1', 4, 0.5),
    figures('shoal verify, v1', 1, 2),
  ]
  const [create, verify] = hashGoals(rows, new Map())
  assert.equal(create?.value, 0.5)
  assert.equal(create?.measured, '4.00 beside 2.00 s')
  assert.equal(verify?.value, 2)
})

test('without the reference nothing is claimed, and it is said what to install', () => {
  const missing = new Map([['libtorrent, hybrid', 'apt-get install it']])
  const [, , hybrid] = hashGoals([figures('shoal create, hybrid', 1, null)], missing)
  assert.equal(hybrid?.skipped, 'no libtorrent, hybrid (apt-get install it)')
  assert.equal(hybrid?.value, null)
})
