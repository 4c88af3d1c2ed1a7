import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { address, formatAddress } from '../../../src/core/address.ts'
import type { Scope } from '../../../src/core/scope.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'
import { DHT_DEFAULTS } from '../../../src/dht/options.ts'
import { PeerStore } from '../../../src/dht/peer-store.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { seededDice } from '../../support/seeded-dice.ts'

const LIFETIME = DHT_DEFAULTS.peerLifetime

function newStore(): PeerStore {
  return new PeerStore({ dice: seededDice(1), digest: testDigest })
}

function hashOf(i: number): Uint8Array {
  const hash = new Uint8Array(20)
  new DataView(hash.buffer).setUint32(0, i)
  return hash
}

/** A global address of its own for each number. */
function host(i: number): string {
  return `${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.1`
}

function told(
  store: PeerStore,
  hash: Uint8Array,
  now = 0,
  scope: Scope = 'global',
  noSeeds = false,
): string[] {
  return store.peers(hash, { limit: 1000, scope, noSeeds, now }).map(formatAddress).toSorted()
}

describe('stored peers', () => {
  it('are told until they were silent for too long', () => {
    const store = newStore()
    store.add(hashOf(1), address('20.0.0.1', 1), false, 0)
    store.add(hashOf(1), address('20.0.0.2', 2), false, 1000)
    assert.deepEqual(told(store, hashOf(1)), ['20.0.0.1:1', '20.0.0.2:2'])
    assert.deepEqual(told(store, hashOf(1), LIFETIME), ['20.0.0.2:2'])
    store.sweep(LIFETIME + 1000)
    assert.equal(store.size, 0)
  })

  it('are one an address: the latest port counts, and an announce renews', () => {
    const store = newStore()
    store.add(hashOf(1), address('20.0.0.1', 1), false, 0)
    store.add(hashOf(1), address('20.0.0.1', 2), false, 1000)
    assert.deepEqual(told(store, hashOf(1), LIFETIME), ['20.0.0.1:2'])
  })

  it('of this machine or network are one a port, and told only there', () => {
    const store = newStore()
    store.add(hashOf(1), address('127.0.0.1', 1), false, 0)
    store.add(hashOf(1), address('127.0.0.1', 2), false, 0)
    store.add(hashOf(1), address('10.0.0.1', 3), false, 0)
    assert.deepEqual(told(store, hashOf(1)), [])
    assert.deepEqual(told(store, hashOf(1), 0, 'loopback'), ['127.0.0.1:1', '127.0.0.1:2'])
    assert.deepEqual(told(store, hashOf(1), 0, 'private'), ['10.0.0.1:3'])
  })

  it('that are seeds are left out where they are of no use', () => {
    const store = newStore()
    store.add(hashOf(1), address('20.0.0.1', 1), true, 0)
    store.add(hashOf(1), address('20.0.0.2', 2), false, 0)
    assert.deepEqual(told(store, hashOf(1), 0, 'global', true), ['20.0.0.2:2'])
  })

  it('are no more than asked for, by chance', () => {
    const store = newStore()
    for (let i = 0; i < 100; i++) store.add(hashOf(1), address(host(i), 1), false, 0)
    const some = new Set<string>()
    for (let i = 0; i < 50; i++) {
      const peers = store.peers(hashOf(1), { limit: 5, scope: 'global', noSeeds: false, now: 0 })
      assert.equal(new Set(peers.map(formatAddress)).size, 5)
      for (const peer of peers) some.add(formatAddress(peer))
    }
    assert.ok(some.size > 50)
  })

  it('are counted, seeds and others apart', () => {
    const store = newStore()
    assert.equal(store.filters(hashOf(1), 0), null)
    for (let i = 0; i < 100; i++) store.add(hashOf(1), address(host(i), 1), i < 30, 0)
    const filters = store.filters(hashOf(1), 0)!
    assert.ok(Math.abs(filters.seeds.estimate() - 30) < 3)
    assert.ok(Math.abs(filters.peers.estimate() - 70) < 5)
  })
})

describe('bounds of stored peers', () => {
  it('are so many of a swarm: who was silent longest goes, and no token is given', () => {
    const store = newStore()
    const { peersPerSwarm } = DHT_LIMITS
    for (let i = 0; i < peersPerSwarm; i++) {
      assert.ok(store.hasRoom(hashOf(1)))
      store.add(hashOf(1), address(host(i), 1), false, 0)
    }
    assert.ok(!store.hasRoom(hashOf(1)))
    store.add(hashOf(1), address(host(peersPerSwarm), 1), false, 0)
    const all = told(store, hashOf(1))
    assert.equal(all.length, peersPerSwarm)
    assert.ok(!all.includes(`${host(0)}:1`))
  })

  it('are so many swarms: the one that nobody announced to for longest goes', () => {
    const store = newStore()
    const { storedSwarms } = DHT_LIMITS
    for (let i = 0; i < storedSwarms; i++) store.add(hashOf(i), address(host(i), 1), false, 0)
    store.add(hashOf(0), address(host(storedSwarms), 1), false, 1)
    store.add(hashOf(storedSwarms), address(host(storedSwarms + 1), 1), false, 2)
    assert.equal(store.size, storedSwarms)
    assert.equal(told(store, hashOf(0), 2).length, 2)
    assert.equal(told(store, hashOf(1), 2).length, 0)
  })

  it('are so many swarms of one address, and again when some are forgotten', () => {
    const store = newStore()
    const { swarmsPerSource } = DHT_LIMITS
    for (let i = 0; i < swarmsPerSource; i++)
      assert.ok(store.add(hashOf(i), address('20.0.0.1', i + 1), false, 0))
    assert.ok(!store.add(hashOf(99), address('20.0.0.1', 1), false, 0))
    assert.ok(store.add(hashOf(0), address('20.0.0.1', 1), false, 0), 'a swarm that it is in')
    assert.ok(store.add(hashOf(99), address('20.0.0.2', 1), false, 0), 'another address')
    store.sweep(LIFETIME)
    assert.ok(store.add(hashOf(99), address('20.0.0.1', 1), false, LIFETIME))
  })
})

describe('a sample of info-hashes', () => {
  it('is some of them, each once', () => {
    const store = newStore()
    for (let i = 0; i < 50; i++) store.add(hashOf(i), address(host(i), 1), false, 0)
    const sample = store.sample(20)
    assert.equal(new Set(sample.map(String)).size, 20)
    assert.equal(newStore().sample(20).length, 0)
  })
})
