import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SwarmSample } from '../../bench/swarm.ts'
import { formatSwarms, summarizeSwarms, swarmGoals } from '../../bench/swarm-table.ts'

/** `doneAfter`: seconds until each leech was done, rising. */
function sample(...doneAfter: number[]): SwarmSample {
  return {
    doneAfter,
    seedSent: 2,
    seedCpuSeconds: 1,
    leechesCpuSeconds: 8,
    leechPeakMib: 200,
    seedPeakMib: 100,
  }
}

describe('the table of swarms', () => {
  it('measures by the last leech, in medians over the rounds', () => {
    const results = [
      { name: 'a', samples: [sample(1, 2, 4), sample(1, 2, 40), sample(1, 3, 5)] },
      { name: 'b', samples: [sample(6, 7, 10)] },
      { name: 'never ran', samples: [] },
    ]
    const [a, b, ...others] = summarizeSwarms(results, 'a')
    assert.equal(others.length, 0)
    assert.deepEqual([a?.last, a?.ratio], [{ median: 5, min: 4, max: 40 }, 1])
    assert.deepEqual([b?.ratio, b?.middle.median, b?.first.median], [2, 7, 6])
    assert.equal(summarizeSwarms(results, 'never ran')[0]?.ratio, null)
  })

  it('is Markdown with columns that line up', () => {
    const lines = formatSwarms(summarizeSwarms([{ name: 'a', samples: [sample(1, 2)] }], 'b')).split('\n')
    assert.equal(new Set(lines.map(line => line.length)).size, 1)
    assert.match(lines[2] ?? '', /^\| a +\| 2\.00 \(2\.00-2\.00\) \| - +\| 1\.50 /)
  })

  it('holds ours against libtorrent, and skips where that is missing', () => {
    const ours = { name: 'shoal', samples: [sample(1, 6)] }
    const both = summarizeSwarms([{ name: 'libtorrent', samples: [sample(1, 4)] }, ours], 'libtorrent')
    assert.equal(swarmGoals(both, 'install it')[0]?.value, 1.5)
    const [alone] = swarmGoals(summarizeSwarms([ours], 'libtorrent'), 'install it')
    assert.deepEqual([alone?.value, alone?.skipped], [null, 'no libtorrent (install it)'])
  })
})
