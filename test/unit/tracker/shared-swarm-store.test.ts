import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { UsageError } from '../../../src/core/errors.ts'
import { TICK } from '../../../src/tracker/peer-mark.ts'
import { SharedSwarmStore, type SharedSwarmStoreOptions } from '../../../src/tracker/shared-swarm-store.ts'
import { swarmStoreContract } from '../../contract/swarm-store/swarm-store-contract.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { NaiveSwarmStore } from '../../support/naive-swarm-store.ts'
import { announceOf, infoHashOf, peersOf } from '../../support/swarm-announces.ts'

const HALF_AN_HOUR = 1800

function makeStore(options: Partial<SharedSwarmStoreOptions> = {}): SharedSwarmStore {
  return new SharedSwarmStore({ dice: seededDice(), seed: 1, lifetimeSeconds: HALF_AN_HOUR, ...options })
}

swarmStoreContract('SharedSwarmStore', () => makeStore())
swarmStoreContract(
  'the naive model',
  () => new NaiveSwarmStore({ lifetimeSeconds: HALF_AN_HOUR, tick: TICK, peersPerHost: 16 }),
)

suite('SharedSwarmStore', () => {
  test('fills an answer with seeds, and keeps a quarter of it for leeches', () => {
    const store = makeStore()
    for (let i = 0; i < 100; i++) {
      store.announce(announceOf({ host: `192.0.2.${i}`, peer: i, isSeed: i < 50, port: i < 50 ? 1 : 2 }), 0)
    }
    const answer = store.announce(announceOf({ host: '198.51.100.1', peer: 200, numWant: 20 }), 0)
    const ports = peersOf(answer).map(peer => peer.split(' ')[1])
    assert.equal(ports.filter(port => port === '1').length, 15)
    assert.equal(ports.filter(port => port === '2').length, 5)
  })

  test('hands out everybody in the long run', () => {
    const store = makeStore()
    const peers = 500
    for (let i = 0; i < peers; i++) {
      store.announce(announceOf({ host: `198.51.${i >> 8}.${i & 255}`, peer: i, numWant: 0 }), 0)
    }
    const told = new Set<string>()
    for (let i = 0; i < 100; i++) {
      for (const peer of peersOf(store.announce(announceOf({ host: '192.0.2.1', peer: 999 }), 0)))
        told.add(peer)
    }
    assert.equal(told.size, peers)
  })

  test('gives both families their share', () => {
    const store = makeStore()
    for (let i = 0; i < 100; i++) {
      store.announce(announceOf({ host: `192.0.2.${i}`, peer: i, numWant: 0 }), 0)
      store.announce(announceOf({ host: `2001:db8:0:${i.toString(16)}::1`, peer: 100 + i, numWant: 0 }), 0)
    }
    const answer = store.announce(announceOf({ host: '198.51.100.1', peer: 300, numWant: 40 }), 0)
    assert.deepEqual([answer.ipv4.count, answer.ipv6.count], [30, 10])
    const other = store.announce(announceOf({ host: '2001:db8:1::1', peer: 301, numWant: 40 }), 0)
    assert.deepEqual([other.ipv4.count, other.ipv6.count], [10, 30])
  })

  test('lets one global address have so many peers in a swarm and no more', () => {
    const store = makeStore({ peersPerHost: 3 })
    const remembered = (host: string) =>
      [1, 2, 3, 4, 5].map(port => store.announce(announceOf({ host, port, peer: port }), 0).isRemembered)
    assert.deepEqual(remembered('192.0.2.1'), [true, true, true, false, false])
    assert.deepEqual(remembered('192.0.2.2'), [true, true, true, false, false])
    assert.deepEqual(remembered('127.0.0.1'), [true, true, true, true, true], 'one machine may run a swarm')
  })

  test('takes the addresses of one /64 for one host', () => {
    const store = makeStore({ peersPerHost: 2 })
    const remembered = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1'].map(
      (host, peer) => store.announce(announceOf({ host, peer }), 0).isRemembered,
    )
    assert.deepEqual(remembered, [true, true, false, true])
  })

  test('still answers somebody for whom a swarm has no place', () => {
    const store = makeStore({ peersPerList: 2 })
    for (let i = 1; i <= 2; i++) store.announce(announceOf({ host: `192.0.2.${i}`, peer: i }), 0)
    const answer = store.announce(announceOf({ host: '192.0.2.3', peer: 3 }), 0)
    assert.equal(answer.isRemembered, false)
    assert.equal(peersOf(answer).length, 2)
  })

  test('a flood of made-up info-hashes stays within the memory, and leaves honest swarms alone', () => {
    const store = makeStore({ memoryLimit: 2 ** 20 })
    for (let peer = 0; peer < 3; peer++) {
      store.announce(announceOf({ infoHash: infoHashOf(0), host: `192.0.2.${peer}`, peer }), 0)
    }
    for (let i = 1; i < 30_000; i++) {
      store.announce(announceOf({ infoHash: infoHashOf(i), host: `198.51.${i % 200}.1`, peer: i }), i)
    }
    const { memoryUsed, memoryLimit, swarms } = store.stats()
    assert.ok(memoryUsed <= memoryLimit * 0.8, `${memoryUsed} of ${memoryLimit} bytes`)
    assert.ok(swarms > 3000, `${swarms} swarms`)
    assert.equal(store.scrape(infoHashOf(0))?.incomplete, 3)
    const answer = store.announce(announceOf({ infoHash: infoHashOf(0), host: '192.0.2.9', peer: 9 }), 30_000)
    assert.equal(answer.isRemembered, true)
  })

  test('gives the memory back when everybody is gone', () => {
    const store = makeStore()
    for (let i = 0; i < 20_000; i++) {
      const host = `198.51.${i >> 8}.${i & 255}`
      store.announce(announceOf({ infoHash: infoHashOf(i % 100), host, peer: i, numWant: 0 }), 0)
    }
    const full = store.stats().memoryUsed
    store.sweep(2 * HALF_AN_HOUR * 1000, 1)
    const { swarms, memoryUsed } = store.stats()
    assert.equal(swarms, 0)
    assert.ok(memoryUsed < full / 2 && memoryUsed <= 64 * 16_384, `${memoryUsed} of ${full} bytes are left`)
  })

  test('is one store for all who share its memory', () => {
    const store = makeStore()
    const other = new SharedSwarmStore(
      { dice: seededDice(2), seed: 99, lifetimeSeconds: HALF_AN_HOUR },
      store.memory,
    )
    for (let i = 0; i < 60_000; i++) {
      const host = `198.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
      store.announce(announceOf({ infoHash: infoHashOf(i), host, peer: i, numWant: 0 }), 0)
    }
    const asker = announceOf({ infoHash: infoHashOf(59_999), host: '192.0.2.1', peer: 70_000 })
    assert.equal(peersOf(other.announce(asker, 0)).length, 1)
    assert.equal(store.scrape(infoHashOf(59_999))?.incomplete, 2)
  })

  test('does without peer ids where it is told to', () => {
    const store = makeStore({ keepsPeerIds: false })
    store.announce(announceOf({ host: '192.0.2.1', peer: 1 }), 0)
    const answer = store.announce(announceOf({ host: '192.0.2.2', peer: 2 }), 0)
    assert.deepEqual(peersOf(answer), ['192.0.2.1 6881'])
    assert.deepEqual(answer.ipv4.peerIds.slice(0, 20), new Uint8Array(20))
  })

  test('refuses a memory limit that makes no sense', () => {
    const make = (memoryLimit: number) => () => makeStore({ memoryLimit })
    const isRefused = (error: unknown) => error instanceof UsageError && error.code === 'memory-limit-invalid'
    for (const limit of [0, 2 ** 20 - 1, 2 ** 31 + 1, Number.NaN]) assert.throws(make(limit), isRefused)
  })
})
