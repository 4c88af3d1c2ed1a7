import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { SwarmStore } from '../../../src/tracker/swarm-store.ts'
import { announceOf, infoHashOf, peersOf, unpacked } from '../../support/swarm-announces.ts'

const MINUTE = 60_000

/** What every swarm store does. `make` gives an empty one that forgets peers after half an hour. */
export function swarmStoreContract(name: string, make: () => SwarmStore): void {
  suite(`${name} as a swarm store`, () => {
    test('tells a leech of the seed and of the other leech, and never of itself', () => {
      const store = make()
      store.announce(announceOf({ host: '192.0.2.1', peer: 1, isSeed: true }), 0)
      store.announce(announceOf({ host: '192.0.2.2', peer: 2 }), 0)
      const answer = store.announce(announceOf({ host: '192.0.2.3', peer: 3 }), 0)
      assert.deepEqual(peersOf(answer), ['192.0.2.1 6881', '192.0.2.2 6881'])
      assert.equal(answer.complete, 1)
      assert.equal(answer.incomplete, 2)
    })

    test('tells a seed that starts of seeds, where leeches leave places', () => {
      const store = make()
      store.announce(announceOf({ host: '192.0.2.1', peer: 1, isSeed: true }), 0)
      store.announce(announceOf({ host: '2001:db8::2', peer: 2, isSeed: true }), 0)
      store.announce(announceOf({ host: '192.0.2.3', peer: 3 }), 0)
      const starts = { host: '192.0.2.4', peer: 4, isSeed: true, hasStarted: true }
      const told = (numWant: number) => peersOf(store.announce(announceOf({ ...starts, numWant }), 0))
      assert.deepEqual(told(50), ['192.0.2.1 6881', '192.0.2.3 6881', '2001:db8::2 6881'])
      assert.deepEqual(told(1), ['192.0.2.3 6881'])
      assert.deepEqual(told(2).length, 2)
      assert.deepEqual(told(0), [])
    })

    test('tells a seed of leeches only, partial seeds left out', () => {
      const store = make()
      store.announce(announceOf({ host: '192.0.2.1', peer: 1, isSeed: true }), 0)
      store.announce(announceOf({ host: '192.0.2.2', peer: 2 }), 0)
      store.announce(announceOf({ host: '192.0.2.3', peer: 3, isPartialSeed: true }), 0)
      const answer = store.announce(announceOf({ host: '192.0.2.4', peer: 4, isSeed: true }), 0)
      assert.deepEqual(peersOf(answer), ['192.0.2.2 6881'])
      assert.equal(answer.incomplete, 2)
      assert.equal(answer.downloaders, 1)
    })

    test('does not tell a peer of itself under its other address', () => {
      const store = make()
      store.announce(announceOf({ host: '2001:db8::1', peer: 1 }), 0)
      assert.deepEqual(peersOf(store.announce(announceOf({ host: '192.0.2.1', peer: 1 }), 0)), [])
    })

    test('mixes both families', () => {
      const store = make()
      store.announce(announceOf({ host: '2001:db8::1', peer: 1 }), 0)
      store.announce(announceOf({ host: '192.0.2.1', peer: 2 }), 0)
      const answer = store.announce(announceOf({ host: '192.0.2.9', peer: 3 }), 0)
      assert.deepEqual(peersOf(answer), ['192.0.2.1 6881', '2001:db8::1 6881'])
    })

    test('keeps swarms apart', () => {
      const store = make()
      store.announce(announceOf({ infoHash: infoHashOf(1), peer: 1 }), 0)
      const other = announceOf({ infoHash: infoHashOf(2), host: '192.0.2.2', peer: 2 })
      assert.deepEqual(peersOf(store.announce(other, 0)), [])
    })

    test('knows a peer by address and port, whatever id it gives', () => {
      const store = make()
      store.announce(announceOf({ peer: 1 }), 0)
      const answer = store.announce(announceOf({ peer: 2 }), 0)
      assert.equal(answer.incomplete, 1)
      assert.equal(store.announce(announceOf({ peer: 2, port: 6882 }), 0).incomplete, 2)
    })

    test('counts a completion once, and only of whom it knew as a leech', () => {
      const store = make()
      const complete = announceOf({ isSeed: true, hasCompleted: true })
      assert.equal(store.announce(complete, 0).downloaded, 0, 'an unknown peer')
      store.announce(announceOf({ host: '192.0.2.2', peer: 2 }), 0)
      const second = announceOf({ host: '192.0.2.2', peer: 2, isSeed: true, hasCompleted: true })
      const answer = store.announce(second, 0)
      assert.deepEqual([answer.complete, answer.incomplete, answer.downloaded], [2, 0, 1])
      assert.equal(store.announce(second, 0).downloaded, 1, 'said again')
    })

    test('makes a leech of a seed that lost what it had', () => {
      const store = make()
      store.announce(announceOf({ isSeed: true }), 0)
      const answer = store.announce(announceOf({ isSeed: false }), 0)
      assert.deepEqual([answer.complete, answer.incomplete], [0, 1])
    })

    test('forgets at once who stops, and tells him nobody', () => {
      const store = make()
      store.announce(announceOf({ host: '192.0.2.1', peer: 1 }), 0)
      store.announce(announceOf({ host: '192.0.2.2', peer: 2 }), 0)
      const answer = store.announce(announceOf({ host: '192.0.2.2', peer: 2, hasStopped: true }), 0)
      assert.deepEqual(peersOf(answer), [])
      assert.equal(answer.incomplete, 1)
    })

    test('does not open a swarm for who stops', () => {
      const store = make()
      store.announce(announceOf({ hasStopped: true }), 0)
      assert.equal(store.scrape(infoHashOf(1)), null)
      assert.equal(store.stats().swarms, 0)
    })

    test('forgets who is silent, and the swarm with its last peer', () => {
      const store = make()
      store.announce(announceOf({ host: '192.0.2.1', peer: 1 }), 0)
      store.announce(announceOf({ host: '192.0.2.2', peer: 2 }), 20 * MINUTE)
      const late = announceOf({ host: '192.0.2.2', peer: 2 })
      assert.deepEqual(peersOf(store.announce(late, 40 * MINUTE)), [], 'not handed out before it is swept')
      store.sweep(40 * MINUTE, 1)
      assert.equal(store.scrape(infoHashOf(1))?.incomplete, 1)
      store.sweep(80 * MINUTE, 1)
      assert.equal(store.scrape(infoHashOf(1)), null)
    })

    test('remembers who announces again', () => {
      const store = make()
      for (let now = 0; now <= 120 * MINUTE; now += 20 * MINUTE) {
        store.announce(announceOf({}), now)
        store.sweep(now, 1)
      }
      assert.equal(store.scrape(infoHashOf(1))?.incomplete, 1)
    })

    test('keeps an empty swarm that somebody completed', () => {
      const store = make()
      store.announce(announceOf({}), 0)
      store.announce(announceOf({ isSeed: true, hasCompleted: true }), 0)
      store.sweep(90 * MINUTE, 1)
      assert.deepEqual(
        { ...store.scrape(infoHashOf(1)) },
        { complete: 0, incomplete: 0, downloaded: 1, downloaders: 0 },
      )
    })

    test('tells of loopback and private addresses only those who can reach them', () => {
      const store = make()
      const everyone = ['127.0.0.1', '192.168.1.1', '169.254.1.1', '192.0.2.1']
      for (const [index, host] of everyone.entries()) store.announce(announceOf({ host, peer: index }), 0)
      const toldTo = (host: string) =>
        peersOf(store.announce(announceOf({ host, peer: 99, port: 1 }), 0)).map(peer => peer.split(' ')[0])
      assert.deepEqual(toldTo('192.0.2.99'), ['192.0.2.1'])
      store.announce(announceOf({ host: '192.0.2.99', peer: 99, port: 1, hasStopped: true }), 0)
      assert.deepEqual(toldTo('10.0.0.99'), ['192.0.2.1', '192.168.1.1'])
      store.announce(announceOf({ host: '10.0.0.99', peer: 99, port: 1, hasStopped: true }), 0)
      assert.deepEqual(toldTo('127.0.0.99'), ['127.0.0.1', '192.0.2.1', '192.168.1.1'])
    })

    test('tells as many as are wanted, seeds first', () => {
      const store = make()
      const seedPort = 1
      for (let i = 1; i <= 40; i++) {
        const isSeed = i <= 20
        store.announce(announceOf({ host: `192.0.2.${i}`, peer: i, isSeed, port: isSeed ? seedPort : 2 }), 0)
      }
      const asker = announceOf({ host: '192.0.2.99', peer: 99, numWant: 8 })
      const told = unpacked(store.announce(asker, 0).ipv4, 4)
      assert.equal(told.length, 8)
      assert.ok(told.slice(0, 6).every(peer => peer.endsWith(` ${seedPort}`)))
      assert.deepEqual(peersOf(store.announce({ ...asker, numWant: 0 }, 0)), [])
    })

    test('counts what it has', () => {
      const store = make()
      store.announce(announceOf({ peer: 1, isSeed: true }), 0)
      store.announce(announceOf({ host: '192.0.2.2', peer: 2 }), 0)
      store.announce(announceOf({ infoHash: infoHashOf(2), host: '2001:db8::1', peer: 3 }), 0)
      const { swarms, seeds, leeches } = store.stats()
      assert.deepEqual({ swarms, seeds, leeches }, { swarms: 2, seeds: 1, leeches: 2 })
    })
  })
}
