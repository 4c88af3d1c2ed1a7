import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { hostBytes } from '../../../src/core/address.ts'
import { CHUNK_LENGTH, ChunkHeap } from '../../../src/tracker/chunk-heap.ts'
import { PeerKey } from '../../../src/tracker/peer-key.ts'
import { PeerLists } from '../../../src/tracker/peer-lists.ts'
import { mark } from '../../../src/tracker/peer-mark.ts'
import { GROWTH_STEP, SharedMemory } from '../../../src/tracker/shared-memory.ts'

const LIST = 16
const ID = new Uint16Array(10).fill(7)
const GLOBAL = 0

function make(maxChunks = 400, keepsPeerIds = true) {
  const memory = SharedMemory.allocate(GROWTH_STEP, 8 * GROWTH_STEP)
  const heap = new ChunkHeap(memory, { stateAt: 64, recordsAt: 128, chunksAt: CHUNK_LENGTH, maxChunks })
  return { lists: new PeerLists({ memory, heap, keepsPeerIds }), heap, memory }
}

const key4 = new PeerKey(4, 3)
const key6 = new PeerKey(6, 3)

/** The key of the nth peer; hosts differ, so each is in a bucket of its own choosing. */
function ipv4(n: number, port = 6881): PeerKey {
  return key4.fill(Uint8Array.of(198, 51, n >> 8, n & 255), port, GLOBAL)
}

function markAt(tick: number): number {
  return mark(tick, GLOBAL, false)
}

suite('PeerLists', () => {
  for (const keepsPeerIds of [true, false]) {
    test(`finds everyone while a list grows and shrinks, ${keepsPeerIds ? 'with' : 'without'} ids`, () => {
      const { lists, heap } = make(400, keepsPeerIds)
      const peers = 3000
      for (let n = 0; n < peers; n++) {
        assert.equal(lists.add(LIST, ipv4(n), markAt(n & 0xff), ID), true)
        assert.equal(lists.count(LIST), n + 1)
      }
      assert.ok(lists.bucketCount(LIST) > 50)
      for (let n = 0; n < peers; n++) {
        const place = lists.find(LIST, ipv4(n))
        assert.ok(place.index >= 0)
        assert.equal(lists.markAt(place, 4), markAt(n & 0xff))
      }
      assert.equal(lists.find(LIST, ipv4(peers)).index, -1)
      for (let n = 0; n < peers; n++) assert.equal(lists.remove(LIST, ipv4(n)), markAt(n & 0xff))
      assert.equal(lists.count(LIST), 0)
      assert.equal(lists.bucketCount(LIST), 0)
      const keptChunks = heap.used / CHUNK_LENGTH
      assert.ok(keptChunks < 40, `${keptChunks} chunks are kept, one of a kind`)
    })
  }

  test('has nobody who is not there', () => {
    const { lists } = make()
    assert.equal(lists.find(LIST, ipv4(1)).index, -1)
    assert.equal(lists.remove(LIST, ipv4(1)), -1)
    lists.add(LIST, ipv4(1), markAt(1), ID)
    assert.equal(lists.remove(LIST, ipv4(2)), -1)
    assert.equal(lists.count(LIST), 1)
  })

  test('keeps IPv6 peers as well', () => {
    const { lists } = make()
    const key = (n: number) => key6.fill(hostBytes(`2001:db8:${n.toString(16)}::1`), 80, GLOBAL)
    for (let n = 0; n < 200; n++) lists.add(LIST, key(n), markAt(n), ID)
    for (let n = 0; n < 200; n++) assert.equal(lists.markAt(lists.find(LIST, key(n)), 6), markAt(n))
  })

  test('counts the peers of one host', () => {
    const { lists } = make()
    for (let n = 0; n < 100; n++) lists.add(LIST, ipv4(n), markAt(1), ID)
    for (const port of [1, 2, 3]) lists.add(LIST, ipv4(500, port), markAt(1), ID)
    assert.equal(lists.countHost(LIST, ipv4(500)), 3)
    assert.equal(lists.countHost(LIST, ipv4(5)), 1)
    assert.equal(lists.countHost(LIST, ipv4(501)), 0)
  })

  test('sweeps out who was silent for too long, and tells of each', () => {
    const { lists } = make()
    for (let n = 0; n < 300; n++) lists.add(LIST, ipv4(n), markAt(n % 3), ID)
    const gone: number[] = []
    lists.sweep(LIST, key4, 12, 10, value => gone.push(value))
    assert.equal(gone.length, 200)
    assert.deepEqual(new Set(gone), new Set([markAt(0), markAt(1)]))
    assert.equal(lists.count(LIST), 100)
    for (let n = 0; n < 300; n++) assert.equal(lists.find(LIST, ipv4(n)).index >= 0, n % 3 === 2)
  })

  test('gives everything back when it is cleared', () => {
    const { lists, heap } = make()
    const before = heap.lend(64)
    for (let n = 0; n < 1000; n++) lists.add(LIST, ipv4(n), markAt(1), ID)
    lists.clear(LIST, 4)
    assert.equal(lists.count(LIST), 0)
    assert.equal(lists.find(LIST, ipv4(1)).index, -1)
    assert.ok(before > 0 && heap.used <= 40 * CHUNK_LENGTH)
  })

  test('goes on as it is where memory ends', () => {
    const { lists } = make(24)
    let added = 0
    while (added < 10_000 && lists.add(LIST, ipv4(added), markAt(1), ID)) added++
    assert.ok(added > 300 && added < 10_000, `${added} peers in 384 KiB`)
    assert.equal(lists.count(LIST), added)
    for (let n = 0; n < added; n++) assert.ok(lists.find(LIST, ipv4(n)).index >= 0)
    for (let n = 0; n < added; n++) assert.ok(lists.remove(LIST, ipv4(n)) >= 0)
    assert.equal(lists.add(LIST, ipv4(1), markAt(1), ID), true)
  })
})
