import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { address, formatAddress, parseAddress } from '../../../src/core/address.ts'
import { SystemDice } from '../../../src/net/system-dice.ts'
import { PeerBook, type PeerSource } from '../../../src/swarm/peer-book.ts'

const MINUTE = 60_000

function book(...known: [text: string, source?: PeerSource][]): PeerBook {
  const peers = new PeerBook({ dice: new SystemDice(1) })
  for (const [text, source] of known) peers.add(parseAddress(text), source ?? 'tracker', 0)
  return peers
}

/** Dials all that are offered, and answers with them in that order. */
function dialAll(peers: PeerBook, now: number): string[] {
  const dialed: string[] = []
  for (let known = peers.next(now); known; known = peers.next(now)) {
    dialed.push(formatAddress(known.address))
    peers.dialing(known.address, now)
  }
  return dialed
}

const A = parseAddress('203.0.113.1:6881')
const B = parseAddress('203.0.113.2:6881')

describe('what the peer book offers', () => {
  it('is each address once, while it is neither dialed nor connected', () => {
    const peers = book(['203.0.113.1:6881'], ['203.0.113.1:6881'], ['203.0.113.2:6881'])
    assert.equal(peers.size, 2)
    peers.connected(A, 0)
    assert.deepEqual(dialAll(peers, 0), ['203.0.113.2:6881'])
    assert.equal(peers.next(0), null)
  })

  it('is what comes from the most reliable source first', () => {
    const peers = book(
      ['203.0.113.1:1', 'dht'],
      ['203.0.113.2:1', 'manual'],
      ['203.0.113.3:1', 'pex'],
      ['203.0.113.4:1', 'tracker'],
      ['203.0.113.5:1', 'lan'],
    )
    assert.deepEqual(dialAll(peers, 0), [
      '203.0.113.2:1',
      '203.0.113.5:1',
      '203.0.113.4:1',
      '203.0.113.3:1',
      '203.0.113.1:1',
    ])
  })

  it('is by chance among equals', () => {
    const first = new Set(
      Array.from({ length: 40 }, (_, seed) => {
        const peers = new PeerBook({ dice: new SystemDice(seed) })
        for (let host = 1; host <= 4; host++) peers.add(address(`203.0.113.${host}`, 6881), 'tracker', 0)
        return formatAddress(peers.next(0)!.address)
      }),
    )
    assert.equal(first.size, 4)
  })

  it('has the id and the source that were told, the better source if there are two', () => {
    const peers = new PeerBook({ dice: new SystemDice(1) })
    const peerId = new Uint8Array(20).fill(7)
    peers.add(A, 'pex', 0, { isSeed: true })
    peers.add(A, 'tracker', 0, { peerId })
    const known = peers.next(0)!
    assert.equal(known.source, 'tracker')
    assert.deepEqual(known.peerId, peerId)
    assert.equal(known.isSeed, true)
    assert.equal(known.failures, 0)
  })

  it('is no seed where we are one', () => {
    const peers = book(['203.0.113.1:6881'])
    peers.add(B, 'pex', 0, { isSeed: true })
    assert.deepEqual(peers.next(0, { skipSeeds: true })!.address, A)
    peers.dialing(A, 0)
    assert.equal(peers.next(0, { skipSeeds: true }), null)
    assert.equal(peers.deadline({ skipSeeds: true }), Number.POSITIVE_INFINITY)
    assert.equal(peers.deadline(), 0)
    assert.deepEqual(peers.next(0)!.address, B)
  })

  it('is never ourselves', () => {
    const peers = book(['203.0.113.1:6881'])
    peers.markSelf(A)
    assert.equal(peers.next(0), null)
    assert.equal(peers.add(A, 'tracker', 0), false)
    assert.equal(peers.add(address(A.host, 6882), 'tracker', 0), true, 'another port is another peer')
  })

  it('is nobody on a banned host', () => {
    const peers = book(['203.0.113.1:6881'], ['203.0.113.1:6882'], ['203.0.113.2:6881'])
    peers.ban('203.0.113.1')
    assert.equal(peers.isBanned('203.0.113.1'), true)
    assert.equal(peers.size, 1)
    assert.equal(peers.add(address('203.0.113.1', 9999), 'manual', 0), false)
    assert.deepEqual(dialAll(peers, 0), ['203.0.113.2:6881'])
  })

  it('is nothing where nobody can listen', () => {
    const peers = book()
    assert.equal(peers.add(address('203.0.113.1', 0), 'tracker', 0), false)
    assert.equal(peers.add(address('224.0.0.1', 6881), 'tracker', 0), false)
    assert.equal(peers.add(address('0.0.0.0', 6881), 'tracker', 0), false)
    assert.equal(peers.size, 0)
  })
})

describe('after a failure', () => {
  it('a peer is tried again after a minute, then two, and so on', () => {
    const peers = book(['203.0.113.1:6881'])
    let now = 0
    for (const minutes of [1, 2, 3]) {
      peers.dialing(A, now)
      peers.dialFailed(A, now)
      assert.equal(peers.deadline(), now + minutes * MINUTE)
      assert.equal(peers.next(now + minutes * MINUTE - 1), null)
      now += minutes * MINUTE
      assert.ok(peers.next(now))
    }
  })

  it('a peer comes after those without one', () => {
    const peers = book(['203.0.113.1:6881', 'tracker'], ['203.0.113.2:6881', 'dht'])
    peers.dialFailed(A, 0)
    assert.deepEqual(dialAll(peers, MINUTE), ['203.0.113.2:6881', '203.0.113.1:6881'])
  })

  it('a peer is forgotten when it failed too often', () => {
    const peers = book(['203.0.113.1:6881'])
    for (let i = 0; i < 6; i++) peers.dialFailed(A, 0)
    assert.equal(peers.size, 0)
  })

  it('a peer that someone named is tried again in seconds, and never forgotten', () => {
    const peers = book(['203.0.113.1:6881', 'manual'])
    peers.dialFailed(A, 0)
    assert.equal(peers.deadline(), 5000)
    for (let i = 0; i < 50; i++) peers.dialFailed(A, 0)
    assert.equal(peers.size, 1)
    assert.ok(peers.deadline() <= MINUTE, 'a minute at most')
  })
})

describe('after a connection', () => {
  it('who was of use is called again in a minute, with a clean record', () => {
    const peers = book(['203.0.113.1:6881'])
    peers.dialFailed(A, 0)
    peers.connected(A, MINUTE)
    peers.disconnected(A, 2 * MINUTE, { wasUseful: true })
    assert.equal(peers.deadline(), 3 * MINUTE)
    assert.equal(peers.next(3 * MINUTE)!.failures, 0)
  })

  it('who was of no use counts as a failure', () => {
    const peers = book(['203.0.113.1:6881'])
    peers.connected(A, 0)
    peers.disconnected(A, 0, { wasUseful: false })
    assert.equal(peers.next(MINUTE)!.failures, 1)
  })

  it('who turned out to be a seed is no failure, and known to be one', () => {
    const peers = book(['203.0.113.1:6881'])
    peers.connected(A, 0)
    peers.disconnected(A, 0, { wasUseful: false, isSeed: true })
    assert.equal(peers.next(MINUTE)!.failures, 0)
    assert.equal(peers.next(MINUTE, { skipSeeds: true }), null)
  })

  it('nothing is known of an address that was never added', () => {
    const peers = book()
    peers.dialing(A, 0)
    peers.connected(A, 0)
    peers.dialFailed(A, 0)
    peers.disconnected(A, 0, { wasUseful: true })
    assert.equal(peers.size, 0)
    assert.equal(peers.deadline(), Number.POSITIVE_INFINITY)
  })
})

describe('what the peer book keeps', () => {
  it('is bounded: the least promising goes for a better one', () => {
    const peers = new PeerBook({ limit: 3, dice: new SystemDice(1) })
    peers.add(parseAddress('203.0.113.1:1'), 'tracker', 0)
    peers.add(parseAddress('203.0.113.2:1'), 'dht', 0)
    peers.add(parseAddress('203.0.113.3:1'), 'tracker', 0)
    assert.equal(peers.add(parseAddress('203.0.113.4:1'), 'pex', 0), true)
    assert.deepEqual(dialAll(peers, 0).sort(), ['203.0.113.1:1', '203.0.113.3:1', '203.0.113.4:1'])
  })

  it('is not given up for who promises less, nor are connections', () => {
    const peers = new PeerBook({ limit: 2, dice: new SystemDice(1) })
    peers.add(A, 'dht', 0)
    peers.connected(A, 0)
    peers.add(B, 'tracker', 0)
    assert.equal(peers.add(parseAddress('203.0.113.3:1'), 'pex', 0), false)
    assert.equal(peers.add(parseAddress('203.0.113.4:1'), 'manual', 0), true)
    assert.equal(peers.size, 2)
    peers.connected(parseAddress('203.0.113.4:1'), 0)
    assert.equal(peers.add(B, 'manual', 0), false)
  })

  it('of equals is who was heard of last', () => {
    const peers = new PeerBook({ limit: 2, dice: new SystemDice(1) })
    peers.add(A, 'tracker', 0)
    peers.add(B, 'tracker', 1)
    peers.add(A, 'tracker', 2)
    peers.add(parseAddress('203.0.113.3:1'), 'tracker', 3)
    assert.deepEqual(dialAll(peers, 3).sort(), ['203.0.113.1:6881', '203.0.113.3:1'])
  })

  it('is nothing of sources that are forgotten, unless a better one named it too', () => {
    const peers = book(
      ['203.0.113.1:6881', 'dht'],
      ['203.0.113.2:6881', 'pex'],
      ['203.0.113.2:6881', 'tracker'],
      ['203.0.113.3:6881', 'pex'],
    )
    peers.connected(A, 0)
    peers.forget(new Set(['dht', 'pex']))
    assert.equal(peers.knows(A), false)
    assert.deepEqual(dialAll(peers, 0), ['203.0.113.2:6881'])
  })

  it('is few ports of one global host, and any number of a local one', () => {
    const peers = book()
    for (let port = 1; port <= 100; port++) {
      peers.add(address('203.0.113.1', port), 'tracker', 0)
      peers.add(address('127.0.0.1', port), 'manual', 0)
    }
    assert.equal(peers.size, 108)
    for (let i = 0; i < 6; i++)
      for (let port = 1; port <= 8; port++) peers.dialFailed(address('203.0.113.1', port), 0)
    assert.equal(peers.add(address('203.0.113.1', 99), 'pex', 0), true, 'their places are free again')
  })

  for (const source of ['pex', 'dht', 'lan'] as const) {
    it(`is three ports of one host where only ${source} tells of them, in the own network too`, () => {
      for (const host of ['203.0.113.1', '10.0.0.1', '2001:db8::1']) {
        const peers = book()
        for (let port = 1; port <= 100; port++) peers.add(address(host, port), source, 0)
        assert.equal(peers.size, 3, host)
        assert.equal(peers.add(address(host, 101), 'tracker', 0), true)
      }
      const own = book()
      for (let port = 1; port <= 100; port++) own.add(address('127.0.0.1', port), source, 0)
      assert.equal(own.size, 100, 'programs of this machine')
    })
  }

  it('is no more than 200 on the word of one host, until they turn out to be there', () => {
    const peers = book()
    const tell = (i: number, toldBy: string) =>
      peers.add(address(`198.51.${i >> 8}.${i & 255}`, 6881), 'pex', 0, { toldBy })
    for (let i = 0; i < 200; i++) assert.equal(tell(i, 'liar'), true)
    assert.equal(tell(200, 'liar'), false)
    assert.equal(tell(201, 'other'), true)
    assert.equal(tell(7, 'liar'), true, 'it is known already')
    peers.connected(parseAddress('198.51.0.1:6881'), 0)
    assert.equal(tell(202, 'liar'), true, 'one was reached')
    assert.equal(tell(203, 'liar'), false)
    peers.add(parseAddress('198.51.0.2:6881'), 'tracker', 0)
    assert.equal(tell(204, 'liar'), true, 'a tracker knows one')
    peers.ban('198.51.0.3')
    assert.equal(tell(205, 'liar'), true, 'one is gone')
    assert.equal(tell(206, 'liar'), false)
  })

  it('is no seed on the word of who is less reliable than whoever told of it', () => {
    const peers = book(['203.0.113.1:6881', 'tracker'])
    peers.add(A, 'pex', 0, { isSeed: true })
    assert.ok(peers.next(0, { skipSeeds: true }))
    peers.add(A, 'tracker', 0, { isSeed: true })
    assert.equal(peers.next(0, { skipSeeds: true }), null)
  })

  it('takes thousands in its stride', () => {
    const peers = book()
    for (let i = 0; i < 10_000; i++) peers.add(address(`198.51.${(i >> 8) & 255}.${i & 255}`, 6881), 'dht', i)
    assert.equal(peers.size, 3000)
  })
})

describe('canonical priority (BEP 40)', () => {
  const known = ['203.0.113.1:1', '198.51.100.9:1', '192.0.2.77:1', '203.0.113.200:1'] as const
  const filled = (): PeerBook => book(...known.map(text => [text] as [string]))

  it('orders those who are equal otherwise, once we know how we are seen', () => {
    const peers = filled()
    assert.equal(peers.priorityOf(A), -1)
    peers.seenAt(parseAddress('192.0.2.1:1'))
    const priorities = dialAll(peers, 0).map(text => peers.priorityOf(parseAddress(text)))
    assert.deepEqual(
      priorities,
      [...priorities].sort((a, b) => b - a),
    )
    assert.equal(new Set(priorities).size, known.length)
  })

  it('comes after failures and sources', () => {
    const peers = filled()
    peers.seenAt(parseAddress('192.0.2.1:1'))
    const last = dialAll(filled(), 0).at(-1)!
    peers.add(parseAddress(last), 'manual', 0)
    assert.equal(dialAll(peers, 0)[0], last)
  })

  it('is not known of those who are where we are, nor of another family', () => {
    const peers = filled()
    peers.seenAt(A)
    assert.equal(peers.priorityOf(A), -1)
    assert.equal(peers.priorityOf(parseAddress('[2001:db8::1]:1')), -1)
  })
})
