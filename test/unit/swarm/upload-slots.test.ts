import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type SlotUser, type UploadCredit, UploadSlots } from '../../../src/swarm/upload-slots.ts'

class Peer implements SlotUser {
  isInterested = true
  readonly upload: UploadCredit
  constructor(limit: { hasSpare: boolean }) {
    this.upload = { hasSpareBeside: () => limit.hasSpare }
  }
}

/** Twenty peers and a limit; as many are unchoked as there are slots, once told. */
function bench(slots = 4) {
  const limit = { hasSpare: true }
  const peers = Array.from({ length: 20 }, () => new Peer(limit))
  const of = new UploadSlots(slots)
  const look = (now: number): boolean => of.look(peers, new Set(peers.slice(0, of.count)), now)
  return { limit, peers, of, look }
}

describe('UploadSlots', () => {
  it('opens more, by halves, while those who have one leave some of the limit', () => {
    const { of, look } = bench()
    assert.deepEqual(
      [0, 500, 1000].map(now => [look(now), of.count]),
      [
        [true, 6],
        [true, 9],
        [true, 14],
      ],
    )
    assert.equal(look(1001), false, 'not before that had time to show')
    assert.equal(of.count, 14)
  })

  it('stays as it is while the limit is used up, while nobody waits, and while slots are free', () => {
    const { of, limit, peers, look } = bench()
    limit.hasSpare = false
    assert.equal(look(0), false)
    limit.hasSpare = true
    for (const peer of peers.slice(4)) peer.isInterested = false
    assert.equal(look(1000), false)
    for (const peer of peers) peer.isInterested = true
    assert.equal(of.look(peers, new Set(peers.slice(0, 3)), 2000), false)
    assert.equal(of.look(peers, new Set(), 3000), false)
    assert.equal(of.count, 4)
    assert.equal(look(4000), true)
  })

  it('knows nothing of peers whose limits are not known', () => {
    const of = new UploadSlots(1)
    const peers: SlotUser[] = [{ isInterested: true }, { isInterested: true }]
    assert.equal(of.look(peers, new Set(peers.slice(0, 1)), 0), false)
  })

  it('takes back one after the other when the limit is used up for long, and no more than it opened', () => {
    const { of, limit, look } = bench()
    look(0)
    assert.equal(of.count, 6)
    limit.hasSpare = false
    for (let now = 1000; now <= 20_500; now += 500) look(now)
    assert.equal(of.count, 6)
    look(21_000)
    assert.equal(of.count, 5)
    for (let now = 22_000; now <= 200_000; now += 1000) look(now)
    assert.equal(of.count, 4)
  })

  it('opens no more than fifty', () => {
    const limit = { hasSpare: true }
    const peers = Array.from({ length: 100 }, () => new Peer(limit))
    const of = new UploadSlots(40)
    of.look(peers, new Set(peers.slice(0, 40)), 0)
    assert.equal(of.count, 50)
    assert.equal(of.look(peers, new Set(peers.slice(0, 50)), 1000), false)
    const generous = new UploadSlots(60)
    generous.look(peers, new Set(peers.slice(0, 60)), 0)
    assert.equal(generous.count, 60)
  })
})
