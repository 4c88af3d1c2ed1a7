import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { LocalSeeds, type SeedAsker } from '../../../src/tracker-server/local-seeds.ts'
import { infoHashOf, peerIdOf, unpacked } from '../../support/swarm-announces.ts'

const SEED = { infoHash: infoHashOf(1), peerId: peerIdOf(1), port: 4000 }

function seeds(externalHost: string | null): LocalSeeds {
  const all = new LocalSeeds({ externalHost })
  all.register(SEED)
  return all
}

function hostFor(externalHost: string | null, asker: SeedAsker): string | null {
  return seeds(externalHost).addressFor(SEED, asker)?.host ?? null
}

function lists(ipv4Count: number, ipv6Count: number) {
  const list = (hostLength: number, count: number) => ({
    count,
    addresses: new Uint8Array(200 * (hostLength + 2)),
    peerIds: new Uint8Array(200 * 20),
  })
  return { ipv4: list(4, ipv4Count), ipv6: list(16, ipv6Count) }
}

suite('LocalSeeds', () => {
  test('names an address that the asker can reach', () => {
    const external = '203.0.113.7'
    assert.equal(hostFor(external, { scope: 'loopback', localHost: '127.0.0.1' }), '127.0.0.1')
    assert.equal(hostFor(external, { scope: 'private', localHost: '192.168.1.5' }), '192.168.1.5')
    assert.equal(hostFor(external, { scope: 'link-local', localHost: 'fe80::5' }), 'fe80::5')
    assert.equal(hostFor(external, { scope: 'global', localHost: '192.168.1.5' }), external)
    assert.equal(hostFor(external, { scope: 'global', localHost: '198.51.100.1' }), external)
  })

  test('names the world the address that it came by where that is all that is known, and global', () => {
    assert.equal(hostFor(null, { scope: 'global', localHost: '198.51.100.1' }), '198.51.100.1')
    assert.equal(hostFor(null, { scope: 'global', localHost: '192.168.1.5' }), null)
  })

  test('learns its external address later', () => {
    const all = seeds(null)
    all.setExternalHost('203.0.113.7')
    assert.equal(all.addressFor(SEED, { scope: 'global', localHost: '10.0.0.1' })?.host, '203.0.113.7')
  })

  test('takes the last place of a full answer, and adds itself to others', () => {
    const add = (ipv4: number, ipv6: number, numWant: number, externalHost = '203.0.113.7') => {
      const peers = lists(ipv4, ipv6)
      const asker = { scope: 'global', localHost: '10.0.0.1', peerId: peerIdOf(2), numWant } as const
      seeds(externalHost).addTo(peers, SEED, asker)
      return [...unpacked(peers.ipv4, 4), ...unpacked(peers.ipv6, 16)].map(
        peer => peer === '203.0.113.7 4000',
      )
    }
    assert.deepEqual(add(0, 0, 50), [true])
    assert.deepEqual(add(2, 0, 50), [false, false, true])
    assert.deepEqual(add(2, 0, 2), [false, true])
    assert.deepEqual(add(0, 2, 2), [true, false])
    assert.deepEqual(add(2, 0, 0), [false, false])
    assert.equal(add(200, 0, 1000).filter(Boolean).length, 1)
    assert.deepEqual(add(1, 1, 50, '2001:db8::7').length, 3)
  })

  test('is not told of itself', () => {
    const peers = lists(0, 0)
    const asker = { scope: 'loopback', localHost: '127.0.0.1', peerId: SEED.peerId, numWant: 50 } as const
    seeds(null).addTo(peers, SEED, asker)
    assert.equal(peers.ipv4.count, 0)
  })

  test('is forgotten by whoever registered it last', () => {
    const all = new LocalSeeds({ externalHost: null })
    const forgetFirst = all.register(SEED)
    const second = { ...SEED, port: 4001 }
    const forgetSecond = all.register(second)
    forgetFirst()
    assert.equal(all.find(SEED.infoHash), second)
    forgetSecond()
    assert.equal(all.find(SEED.infoHash), null)
    assert.equal(all.size, 0)
  })
})
