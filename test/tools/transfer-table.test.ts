import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TransferSample } from '../../bench/transfer.ts'
import { spreadOf } from '../../bench/spread.ts'
import { formatTable, summarize } from '../../bench/transfer-table.ts'

function sample(mibPerSecond: number): TransferSample {
  const side = { cpuSecondsPerGib: 2, peakMib: 100 }
  return { seconds: 1024 / mibPerSecond, mibPerSecond, leech: side, seed: side }
}

describe('the table of transfers', () => {
  it('has medians, which one bad round does not move', () => {
    assert.deepEqual(spreadOf([300, 1, 310]), { median: 300, min: 1, max: 310 })
    assert.deepEqual(spreadOf([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 })
    assert.deepEqual(spreadOf([7]), { median: 7, min: 7, max: 7 })
  })

  it('measures every pair by the reference of the same run', () => {
    const results = [
      { pair: 'a -> a', samples: [200, 400, 300].map(sample) },
      { pair: 'b -> b', samples: [450, 100, 600].map(sample) },
      { pair: 'never ran', samples: [] },
    ]
    const ratios = summarize(results, 'a -> a').map(({ pair, ratio }) => [pair, ratio])
    assert.deepEqual(ratios, [
      ['a -> a', 1],
      ['b -> b', 1.5],
    ])
    assert.equal(summarize(results, 'never ran')[0]?.ratio, null)
  })

  it('is Markdown with columns that line up', () => {
    const results = [{ pair: 'a -> a', samples: [sample(200), sample(300)] }]
    const lines = formatTable(summarize(results, 'a -> a')).split('\n')
    assert.equal(new Set(lines.map(line => line.length)).size, 1)
    assert.match(lines[2] ?? '', /^\| a -> a +\| 250 \(200-300\) +\| 1\.00 +\| 2\.00 \(2\.00-2\.00\) /)
  })
})
