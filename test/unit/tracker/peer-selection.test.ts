import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Scope } from '../../../src/core/address.ts'
import { TRACKER_LIMITS } from '../../../src/tracker/limits.ts'
import { CHUNK_LENGTH, ChunkHeap } from '../../../src/tracker/chunk-heap.ts'
import { PeerKey } from '../../../src/tracker/peer-key.ts'
import { PeerLists } from '../../../src/tracker/peer-lists.ts'
import { mark, reachesFor, reachOf } from '../../../src/tracker/peer-mark.ts'
import { type Asker, PeerSelection } from '../../../src/tracker/peer-selection.ts'
import { GROWTH_STEP, SharedMemory } from '../../../src/tracker/shared-memory.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { unpacked } from '../../support/swarm-announces.ts'

const LIST = 16
const LIFETIME = 100

function make() {
  const memory = SharedMemory.allocate(GROWTH_STEP, 4 * GROWTH_STEP)
  const heap = new ChunkHeap(memory, { stateAt: 64, recordsAt: 128, chunksAt: CHUNK_LENGTH, maxChunks: 100 })
  const lists = new PeerLists({ memory, heap, keepsPeerIds: true })
  const key = new PeerKey(4, 5)
  const add = (n: number, options: { scope?: Scope; tick?: number; isPartialSeed?: boolean } = {}) => {
    const { scope = 'global', tick = 0, isPartialSeed = false } = options
    const id = new Uint16Array(10).fill(n)
    lists.add(LIST, hostKey(key, n), mark(tick, reachOf(scope), isPartialSeed), id)
  }
  const selection = new PeerSelection({ family: 4, memory, lists, dice: seededDice(), lifetime: LIFETIME })
  const take = (wanted: number, asker: Partial<Asker> = {}) => {
    selection.clear()
    selection.take(LIST, wanted, { ...someone(), ...asker })
    return unpacked(selection, 4)
      .map(peer => Number(peer.split(' ')[1]))
      .sort((a, b) => a - b)
  }
  return { add, take, selection }
}

/** Peer n listens on port n. */
function hostKey(key: PeerKey, n: number): PeerKey {
  return key.fill(Uint8Array.of(198, 51, n >> 8, n & 255), n, 0)
}

function someone(): Asker {
  return {
    key: new PeerKey(4, 5).fill(Uint8Array.of(192, 0, 2, 1), 1, 0),
    peerId: new Uint16Array(10).fill(9999),
    reaches: reachesFor('global'),
    wantsDownloaders: false,
    wantsPeerIds: true,
    tick: 0,
  }
}

suite('PeerSelection', () => {
  test('takes everyone where so many are wanted', () => {
    const { add, take } = make()
    for (let n = 1; n <= 150; n++) add(n)
    const taken = take(200)
    assert.equal(taken.length, 150)
    assert.equal(new Set(taken).size, 150)
  })

  test('takes as many as are wanted, and everyone as often as the others', () => {
    const { add, take } = make()
    for (let n = 1; n <= 200; n++) add(n)
    const counts = Array.from({ length: 201 }, () => 0)
    for (let i = 0; i < 2000; i++) {
      const taken = take(10)
      assert.equal(new Set(taken).size, 10)
      for (const n of taken) counts[n]!++
    }
    const [least, most] = [Math.min(...counts.slice(1)), Math.max(...counts)]
    assert.ok(least > 20 && most < 400, `between ${least} and ${most} times, 100 on average`)
  })

  test('never takes the asker, by address or by id', () => {
    const { add, take } = make()
    for (let n = 1; n <= 3; n++) add(n)
    assert.deepEqual(
      take(10, { key: hostKey(new PeerKey(4, 5), 1), peerId: new Uint16Array(10).fill(2) }),
      [3],
    )
  })

  test('leaves out whom the asker cannot reach', () => {
    const { add, take } = make()
    add(1)
    add(2, { scope: 'private' })
    add(3, { scope: 'loopback' })
    assert.deepEqual(take(10), [1])
    assert.deepEqual(take(10, { reaches: reachesFor('private') }), [1, 2])
    assert.deepEqual(take(10, { reaches: reachesFor('loopback') }), [1, 2, 3])
  })

  test('leaves out partial seeds for who looks for downloaders, and who is silent too long', () => {
    const { add, take } = make()
    add(1, { isPartialSeed: true })
    add(2)
    add(3, { tick: 50 })
    assert.deepEqual(take(10, { wantsDownloaders: true, tick: LIFETIME + 1 }), [3])
    assert.deepEqual(take(10, { tick: LIFETIME }), [1, 2, 3])
  })

  test('never takes more than an answer holds', () => {
    const { add, take, selection } = make()
    for (let n = 1; n <= 400; n++) add(n)
    assert.equal(take(1000).length, TRACKER_LIMITS.numWantMax)
    assert.equal(selection.addresses.length, 6 * TRACKER_LIMITS.numWantMax)
  })

  test('gives the ids along', () => {
    const { add, take, selection } = make()
    add(3)
    take(1)
    assert.deepEqual(new Uint16Array(selection.peerIds.buffer, 0, 10), new Uint16Array(10).fill(3))
  })
})
