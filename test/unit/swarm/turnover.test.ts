import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turnover, type TurnoverPeer } from '../../../src/swarm/turnover.ts'

const MINUTE = 60_000

interface Told {
  joinedAt?: number
  gave?: number
  took?: number
  isChoking?: boolean
  isInterested?: boolean
  amInterested?: boolean
  outstanding?: number
  isSnubbed?: boolean
}

function peerWith(told: Told): TurnoverPeer {
  return {
    joinedAt: told.joinedAt ?? 0,
    isChoking: told.isChoking ?? false,
    isInterested: told.isInterested ?? false,
    amInterested: told.amInterested ?? true,
    requests: { outstanding: told.outstanding ?? 1, isSnubbed: () => told.isSnubbed ?? false },
    downloadRate: { total: told.gave ?? 0 },
    uploadRate: { total: told.took ?? 0 },
  }
}

function leavesOf(told: readonly Told[], now = MINUTE, isComplete = false): number | null {
  const peers = told.map(peerWith)
  const leaves = new Turnover().makesPlace({ peers, isComplete }, now)
  return leaves === null ? null : peers.indexOf(leaves)
}

const FAST = { gave: 100 * MINUTE }

test('who trickled for a minute makes place, the weakest first', () => {
  assert.equal(leavesOf([FAST, { gave: 60_000 }, { gave: 1000 }]), 2)
})

test('where all trickle one of them goes', () => {
  assert.equal(leavesOf([{ gave: 2000 }, { gave: 1000 }]), 1)
})

test('who sends well stays, also where others send more', () => {
  assert.equal(leavesOf([FAST, { gave: 40 * MINUTE }]), null)
  assert.equal(
    leavesOf([FAST, FAST, { gave: 6 * MINUTE }]),
    2,
    'less than an eighth of what they send on average',
  )
})

test('a newcomer has a minute to show what it is worth', () => {
  assert.equal(leavesOf([FAST, { joinedAt: 1 }]), null)
})

test('who is not asked is not blamed, but for who chokes us or has nothing for us', () => {
  assert.equal(leavesOf([FAST, { outstanding: 0 }]), null)
  assert.equal(leavesOf([FAST, { outstanding: 0, isChoking: true }]), 1)
  assert.equal(leavesOf([FAST, { outstanding: 0, isSnubbed: true }]), 1)
  assert.equal(leavesOf([FAST, { outstanding: 0, amInterested: false }]), 1)
})

test('of a complete torrent those make place who want nothing', () => {
  assert.equal(leavesOf([{ isInterested: true }, { isInterested: true, took: 5 }], MINUTE, true), null)
  assert.equal(leavesOf([{ isInterested: true }, {}, { took: 5 }], MINUTE, true), 1)
})

test('who was fast and is silent for a minute makes place', () => {
  const turnover = new Turnover()
  let gave = 100 * MINUTE
  const peer = {
    ...peerWith({}),
    downloadRate: {
      get total() {
        return gave
      },
    },
  }
  const crowd = { peers: [peer], isComplete: false }
  assert.equal(turnover.makesPlace(crowd, MINUTE), null)
  gave += 1000
  assert.equal(turnover.makesPlace(crowd, 2 * MINUTE - 1), null)
  assert.equal(turnover.makesPlace(crowd, 2 * MINUTE), peer)
})

test('one goes in ten seconds, and one is tried', () => {
  const turnover = new Turnover()
  const crowd = { peers: [peerWith({})], isComplete: false }
  assert.equal(turnover.mayTry(crowd, MINUTE), true)
  assert.equal(turnover.mayTry(crowd, MINUTE), false)
  assert.equal(turnover.deadline, MINUTE + 10_000)
  assert.ok(turnover.makesPlace(crowd, MINUTE))
  assert.equal(turnover.makesPlace(crowd, MINUTE + 9999), null)
  assert.ok(turnover.makesPlace(crowd, MINUTE + 10_000))
  assert.equal(turnover.mayTry(crowd, MINUTE + 10_000), true)
})

test('nobody goes where there is no torrent yet', () => {
  assert.equal(new Turnover().mayTry(null, MINUTE), false)
  assert.equal(new Turnover().makesPlace(null, MINUTE), null)
})

test('of those who are equally weak the one that is meant for us least goes', () => {
  const peers = [3, 1, 2].map(priority => ({ ...peerWith({}), priority }))
  const leaves = new Turnover<(typeof peers)[number]>().makesPlace(
    { peers, isComplete: false },
    MINUTE,
    peer => peer.priority,
  )
  assert.equal(leaves, peers[1])
})
