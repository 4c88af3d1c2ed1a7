import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TransferSample } from '../../bench/transfer.ts'
import { formatTrickles, summarizeTrickles, trickleGoals } from '../../bench/trickle-table.ts'

function transfer(mibPerSecond: number): TransferSample {
  const side = { cpuSecondsPerGib: 2, peakMib: 100 }
  return { seconds: 1024 / mibPerSecond, mibPerSecond, leech: side, seed: side }
}

function sample(alone: number, beside: number) {
  return { alone: transfer(alone), beside: transfer(beside) }
}

describe('the table of those that trickle', () => {
  it('has what is left of the rate, of the medians', () => {
    const results = [
      { name: 'a', samples: [sample(400, 300), sample(400, 10), sample(500, 320)] },
      { name: 'never ran', samples: [] },
    ]
    const [a, ...others] = summarizeTrickles(results)
    assert.equal(others.length, 0)
    assert.equal(a?.ratio, 0.75)
    assert.deepEqual(a?.beside, { median: 300, min: 10, max: 320 })
    assert.equal(a?.most.median, 0)
  })

  it('is Markdown with columns that line up', () => {
    const lines = formatTrickles(summarizeTrickles([{ name: 'a', samples: [sample(400, 200)] }])).split('\n')
    assert.equal(new Set(lines.map(line => line.length)).size, 1)
    assert.match(lines[2] ?? '', /^\| a +\| 400 \(400-400\) \| 200 \(200-200\) \| 0\.50 /)
  })

  it('holds only ours against what is wanted', () => {
    const results = [
      { name: 'libtorrent', samples: [sample(400, 400)] },
      { name: 'shoal', samples: [sample(400, 300)] },
    ]
    const goals = trickleGoals(summarizeTrickles(results))
    assert.deepEqual(
      goals.map(({ value, skipped }) => [value, skipped]),
      [[0.75, null]],
    )
  })
})
