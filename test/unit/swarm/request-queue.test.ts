import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RequestQueue } from '../../../src/swarm/request-queue.ts'

const block = (piece: number, index = 0) => ({ piece, begin: index * 16_384, length: 16_384 })

function queue(limit = 250): RequestQueue {
  return new RequestQueue({ now: 0, limit })
}

describe('RequestQueue', () => {
  it('knows what was asked for and has not come', () => {
    const requests = queue()
    requests.requested(block(1), 0)
    requests.requested(block(2), 0)
    assert.equal(requests.outstanding, 2)
    assert.equal(requests.arrived(block(2), 10), true)
    assert.equal(requests.isOutstanding(block(1)), true)
    assert.equal(requests.isOutstanding(block(2)), false)
    assert.equal(requests.outstanding, 1)
  })

  it('does not take what was not asked for', () => {
    const requests = queue()
    requests.requested(block(1), 0)
    assert.equal(requests.arrived(block(2), 0), false)
    assert.equal(requests.arrived({ ...block(1), length: 100 }, 0), false)
    assert.equal(requests.arrived(block(1), 0), true)
    assert.equal(requests.arrived(block(1), 0), false, 'it came already')
  })

  it('drops a request that was rejected, and all when the peer chokes', () => {
    const requests = queue()
    for (const piece of [1, 2, 3]) requests.requested(block(piece), 0)
    assert.equal(requests.dropped(block(2)), true)
    assert.equal(requests.dropped(block(2)), false)
    assert.deepEqual(requests.dropAll(), [block(1), block(3)])
    assert.equal(requests.outstanding, 0)
    assert.deepEqual(requests.dropAll(), [])
  })

  it('is in order after thousands of requests and answers', () => {
    const requests = queue(2000)
    let asked = 0
    let answered = 0
    for (let now = 0; now < 2000; now++) {
      while (requests.outstanding < 100) requests.requested(block(asked++), now)
      for (let i = 0; i < 37; i++) assert.equal(requests.arrived(block(answered++), now), true)
    }
    assert.deepEqual(
      requests.dropAll(),
      Array.from({ length: asked - answered }, (_, i) => block(answered + i)),
    )
  })

  it('asks for more as blocks come, up to what the peer holds', () => {
    const requests = queue(100)
    let asked = 0
    let answered = 0
    for (let now = 0; now < 200; now++) {
      while (requests.outstanding < requests.depth(now)) requests.requested(block(asked++), now)
      for (let i = 0; i < 50 && requests.outstanding > 0; i++) requests.arrived(block(answered++), now)
    }
    assert.equal(requests.depth(200), 100)
  })

  it('asks for one at least of a peer that says it holds none', () => {
    assert.equal(queue(0).depth(0), 1)
  })

  describe('with a peer that stalls', () => {
    it('gives up on everything after twenty seconds without a block', () => {
      const requests = queue()
      requests.requested(block(1), 0)
      requests.requested(block(2), 5000)
      assert.equal(requests.deadline(), 20_000)
      assert.deepEqual(requests.expired(19_999), [])
      assert.equal(requests.isSnubbed(19_999), false)
      assert.deepEqual(requests.expired(20_000), [block(1), block(2)])
      assert.equal(requests.isSnubbed(20_000), true)
      assert.equal(requests.outstanding, 0)
      assert.equal(requests.deadline(), Number.POSITIVE_INFINITY)
    })

    it('waits on while a block drips in', () => {
      const requests = queue()
      requests.requested(block(1), 0)
      requests.progressed(15_000)
      assert.deepEqual(requests.expired(30_000), [])
      assert.deepEqual(requests.expired(35_000), [block(1)])
    })

    it('can wait again for what it gave up on, and knows how often it did', () => {
      const requests = queue()
      requests.requested(block(1), 0)
      requests.expired(20_000)
      assert.equal(requests.revived(block(2), 20_000, 1), false)
      assert.equal(requests.revived(block(1), 20_000, 1), true)
      assert.equal(requests.outstanding, 1)
      assert.deepEqual(requests.expired(40_000), [block(1)])
      assert.equal(requests.revived(block(1), 40_000, 1), false, 'it is to be asked for anew')
      assert.equal(requests.revived(block(1), 41_000), true, 'it comes')
      assert.equal(requests.arrived(block(1), 42_000), true)
    })

    it('takes what it gave up on for lost where a newer request is answered first', () => {
      const requests = queue()
      requests.requested(block(1), 0)
      requests.expired(20_000)
      requests.requested(block(2), 20_000)
      requests.arrived(block(2), 21_000)
      assert.equal(requests.revived(block(1), 22_000, 1), false)
      assert.equal(requests.isOutstanding(block(1)), true, 'it is still welcome')
    })

    it('waits on while blocks come, however long the queue', () => {
      const requests = queue()
      for (let piece = 0; piece < 10; piece++) requests.requested(block(piece), 0)
      for (let piece = 0; piece < 9; piece++) {
        const now = (piece + 1) * 15_000
        assert.deepEqual(requests.expired(now), [])
        requests.arrived(block(piece), now)
      }
      assert.equal(requests.isSnubbed(140_000), false)
    })

    it('starts to wait with the first request after a pause', () => {
      const requests = queue()
      requests.requested(block(1), 0)
      requests.arrived(block(1), 10)
      requests.requested(block(2), 100_000)
      assert.deepEqual(requests.expired(110_000), [])
      assert.equal(requests.deadline(), 120_000)
    })

    it('asks for one block at a time until one comes', () => {
      const requests = queue()
      requests.requested(block(1), 0)
      requests.expired(20_000)
      assert.equal(requests.depth(20_000), 1)
      requests.requested(block(2), 20_000)
      assert.equal(requests.isSnubbed(21_000), true)
      requests.arrived(block(2), 22_000)
      assert.equal(requests.isSnubbed(22_000), false)
      assert.ok(requests.depth(22_000) > 1)
    })

    it('still welcomes a block that comes late, once', () => {
      const requests = queue()
      requests.requested(block(1), 0)
      requests.expired(20_000)
      assert.equal(requests.isOutstanding(block(1)), true)
      assert.equal(requests.arrived(block(1), 21_000), true)
      assert.equal(requests.isSnubbed(21_000), false)
      assert.equal(requests.arrived(block(1), 21_000), false)
    })

    it('counts a block once that was asked for again', () => {
      const requests = queue()
      requests.requested(block(1), 0)
      requests.expired(20_000)
      requests.requested(block(1), 20_000)
      assert.equal(requests.arrived(block(1), 21_000), true)
      assert.equal(requests.isOutstanding(block(1)), false)
    })
  })

  it('forgets those that are not wanted any more', () => {
    const requests = queue()
    for (const piece of [1, 2, 3, 4]) requests.requested(block(piece), 0)
    requests.arrived(block(1), 10)
    assert.deepEqual(
      requests.dropWhere(({ piece }) => piece !== 3),
      [block(2), block(4)],
    )
    assert.equal(requests.outstanding, 1)
    assert.equal(requests.arrived(block(4), 20), false)
    assert.equal(requests.arrived(block(3), 20), true)
  })

  it('gives up on a request that others overtook a minute ago', () => {
    const requests = queue()
    requests.requested(block(1), 0)
    let piece = 2
    for (let now = 1000; now <= 70_000; now += 1000) {
      requests.requested(block(piece), now)
      requests.arrived(block(piece++), now)
      const expired = requests.expired(now)
      assert.deepEqual(expired, now === 60_000 ? [block(1)] : [], `at ${now}`)
    }
    assert.equal(requests.isSnubbed(70_000), false)
  })

  it('says how long a peer lets it wait, until something comes', () => {
    const waiting = queue()
    assert.equal(waiting.waits(1000), 0)
    waiting.requested(block(0), 1000)
    assert.equal(waiting.waits(6000), 5000)
    waiting.snubbed()
    assert.deepEqual([waiting.isSnubbed(6000), waiting.depth(6000)], [true, 1])
    waiting.arrived({ ...block(0), length: 16_384 }, 7000)
    assert.deepEqual([waiting.isSnubbed(7000), waiting.waits(9000)], [false, 0])
  })
})
