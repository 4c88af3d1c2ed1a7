import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SWARM_OPTIONS } from '../../../src/swarm/options.ts'
import { TorrentBench } from '../../support/torrent-bench.ts'
import { bitsOf } from '../../support/picker-board.ts'

describe('SwarmPeer', () => {
  const peer = () => new TorrentBench({ pieces: 3 }).peer('ann', '...', { isChoking: true }).facts

  it('starts choked on both sides, without interest, pieces or requests', () => {
    const { isChoking, amChoking, isInterested, amInterested, has, requests, uploads } = peer()
    assert.deepEqual([isChoking, amChoking, isInterested, amInterested], [true, true, false, false])
    assert.deepEqual([has.length, has.count, requests.outstanding, uploads.size], [3, 0, 0, 0])
  })

  it('is a seed when it has every piece', () => {
    const ann = peer()
    ann.has = bitsOf('##.')
    assert.equal(ann.isSeed, false)
    ann.has.set(2)
    assert.equal(ann.isSeed, true)
  })

  it('is believed to hold a modest queue until it says how long its own is', () => {
    const { requests } = peer()
    for (let block = 0; block < 1000; block++) {
      requests.requested({ piece: 0, begin: block, length: 1 }, 0)
      requests.arrived({ piece: 0, begin: block, length: 1 }, 0)
    }
    assert.equal(requests.depth(0), SWARM_OPTIONS.assumedQueue)
    requests.holds(500)
    assert.equal(requests.depth(0), 500)
  })
})
