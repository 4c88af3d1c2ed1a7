import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { hostBytes, scopeOf } from '../../../src/core/address.ts'
import { type AnnounceRequest, isFailure, NUM_WANT_DEFAULT } from '../../../src/tracker/announce.ts'
import type { AnnounceAnswer } from '../../../src/tracker/http-answer.ts'
import { SharedSwarmStore } from '../../../src/tracker/shared-swarm-store.ts'
import {
  type AnnounceSource,
  TrackerServer,
  type TrackerServerOptions,
} from '../../../src/tracker-server/server.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { infoHashOf, peerIdOf, unpacked } from '../../support/swarm-announces.ts'

function server(options: Partial<TrackerServerOptions> = {}): TrackerServer {
  const dice = seededDice()
  const store = new SharedSwarmStore({ dice, seed: 1, memoryLimit: 2 ** 20 })
  return new TrackerServer({ store, dice, clock: { monotonic: () => 0, wall: () => 0 }, ...options })
}

function request(peer: number, parts: Partial<AnnounceRequest> = {}): AnnounceRequest {
  return {
    infoHash: infoHashOf(1),
    peerId: peerIdOf(peer),
    port: 1000 + peer,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    event: null,
    numWant: NUM_WANT_DEFAULT,
    key: null,
    isCompact: true,
    noPeerId: false,
    ...parts,
  }
}

function from(host: string, localHost = '10.0.0.1'): AnnounceSource {
  return { hostBytes: hostBytes(host), scope: scopeOf(host), localHost }
}

function announce(tracker: TrackerServer, asked: AnnounceRequest, source: AnnounceSource): AnnounceAnswer {
  const answer = tracker.announce(asked, source)
  assert.ok(!isFailure(answer))
  return answer
}

/** Whom an asker from `host` is told of. */
function told(tracker: TrackerServer, host: string): string[] {
  const answer = announce(tracker, request(99), from(host))
  return [...unpacked(answer.ipv4, 4), ...unpacked(answer.ipv6, 16)].sort()
}

suite('TrackerServer', () => {
  test('hands private and loopback addresses only to their own scope', () => {
    const tracker = server()
    announce(tracker, request(1), from('192.168.1.9'))
    announce(tracker, request(2), from('127.0.0.1'))
    announce(tracker, request(3), from('198.51.100.3'))
    assert.deepEqual(told(tracker, '203.0.113.1'), ['198.51.100.3 1003'])
    assert.deepEqual(told(tracker, '192.168.1.1'), ['192.168.1.9 1001', '198.51.100.3 1003'])
  })

  test('tells outsiders of its own seed under the external address, neighbours under their own', () => {
    const tracker = server({ externalHost: '203.0.113.7' })
    tracker.registerLocal({ infoHash: infoHashOf(1), peerId: peerIdOf(1), port: 4000 })
    assert.deepEqual(told(tracker, '198.51.100.1'), ['203.0.113.7 4000'])
    const neighbour = announce(tracker, request(5), from('192.168.1.9', '192.168.1.1'))
    assert.deepEqual(unpacked(neighbour.ipv4, 4)[0], '198.51.100.1 1099')
    assert.deepEqual(unpacked(neighbour.ipv4, 4).at(-1), '192.168.1.1 4000')
    assert.equal(neighbour.complete, 1)
  })

  test('takes the word of a peer on its address only from whom it is told to', () => {
    const asks = (honoursIpFrom: 'nobody' | 'loopback' | 'local', source: string) => {
      const tracker = server({ honoursIpFrom })
      announce(tracker, request(1, { ip: '203.0.113.5' }), from(source))
      return told(tracker, '198.51.100.1').includes('203.0.113.5 1001')
    }
    assert.equal(asks('nobody', '127.0.0.1'), false)
    assert.equal(asks('loopback', '127.0.0.1'), true)
    assert.equal(asks('loopback', '10.0.0.9'), false)
    assert.equal(asks('local', '10.0.0.9'), true)
    assert.equal(asks('local', '198.51.100.9'), false)
  })

  test('tells who comes from outside where it is seen, and nobody else', () => {
    const tracker = server()
    assert.deepEqual(
      announce(tracker, request(1), from('198.51.100.9')).externalHost,
      hostBytes('198.51.100.9'),
    )
    assert.equal(announce(tracker, request(2), from('10.0.0.9')).externalHost, null)
  })

  test('spreads its intervals, and never names a minimum above them', () => {
    const tracker = server({ intervalSeconds: 600, minIntervalSeconds: 900, intervalJitter: 0.1 })
    const intervals = Array.from(
      { length: 50 },
      (_, i) => announce(tracker, request(i), from('198.51.100.1')).intervalSeconds,
    )
    assert.ok(intervals.every(seconds => seconds >= 600 && seconds <= 660))
    assert.ok(new Set(intervals).size > 10)
    assert.equal(announce(tracker, request(1), from('198.51.100.1')).minIntervalSeconds, 600)
  })

  test('warns whom it cannot remember', () => {
    const tracker = server()
    const answers = Array.from(
      { length: 17 },
      (_, i) => announce(tracker, request(i), from('198.51.100.1')).warning,
    )
    assert.deepEqual(
      answers.map(warning => warning !== null),
      [...Array.from({ length: 16 }, () => false), true],
    )
    assert.equal(announce(tracker, request(50, { event: 'stopped' }), from('198.51.100.1')).warning, null)
  })

  test('neither tracks nor counts what is not allowed', () => {
    const tracker = server({ isAllowed: infoHash => infoHash[19] === 2 })
    assert.ok(isFailure(tracker.announce(request(1), from('198.51.100.1'))))
    assert.equal(tracker.counts(infoHashOf(1)).incomplete, 0)
    announce(tracker, request(1, { infoHash: infoHashOf(2) }), from('198.51.100.1'))
    const { announces, failures, swarms } = tracker.stats()
    assert.deepEqual({ announces, failures, swarms }, { announces: 1, failures: 1, swarms: 1 })
  })
})
