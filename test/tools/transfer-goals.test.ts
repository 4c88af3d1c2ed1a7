import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GoalRow } from '../../bench/goal-table.ts'
import { transferGoals } from '../../bench/transfer-goals.ts'
import type { PairSummary } from '../../bench/transfer-table.ts'

const same = (value: number) => ({ median: value, min: value, max: value })

function summary(pair: string, rate: number, cpu = 1): PairSummary {
  const costs = { leechCpu: same(cpu), seedCpu: same(cpu), leechPeak: same(100), seedPeak: same(100) }
  return { pair, rounds: 1, mibPerSecond: same(rate), ratio: null, ...costs }
}

const ALL = [
  summary('libtorrent -> libtorrent', 200, 4),
  summary('libtorrent -> shoal', 300, 3),
  summary('shoal -> libtorrent', 250, 2),
  summary('shoal -> shoal', 400),
  summary('libtorrent -> aria2', 150),
]

function row(name: string, summaries = ALL, missing = new Map<string, string>()): GoalRow {
  return transferGoals(summaries, missing).find(each => each.case === name)!
}

test('a leech is held against aria2 and against libtorrent', () => {
  assert.equal(row('leech, beside aria2').value, 2)
  assert.equal(row('leech, beside libtorrent').value, 1.5)
})

test('processor time is compared side by side', () => {
  assert.equal(row('leech, CPU s/GiB').value, 0.75)
  assert.equal(row('seed, CPU s/GiB').value, 0.5)
})

test('memory is told in millions of bytes', () => {
  assert.equal(row('leech, peak memory, MB').measured, '105 MB')
})

test('a program that is missing makes skipped rows of what needs it, and of nothing else', () => {
  const missing = new Map([['aria2', 'apt-get install aria2']])
  assert.equal(
    row('leech, beside aria2', ALL.slice(0, 4), missing).skipped,
    'no aria2 (apt-get install aria2)',
  )
  assert.equal(row('leech, beside libtorrent', ALL.slice(0, 4), missing).skipped, null)
})

test('a pair that was not asked for is no verdict', () => {
  const { value, skipped } = row('shoal to shoal', ALL.slice(0, 1))
  assert.equal(value, null)
  assert.equal(skipped, 'shoal -> shoal was not measured')
})
