import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { formatAddress } from '../../../src/core/address.ts'
import { type AnnounceRequest, NUM_WANT_DEFAULT } from '../../../src/tracker/announce.ts'
import { TRACKER_LIMITS } from '../../../src/tracker/limits.ts'
import {
  decodeUdpAnswer,
  encodeAnnounce,
  encodeConnect,
  encodeScrape,
} from '../../../src/tracker/udp-codec.ts'
import {
  announceAnswer,
  connectAnswer,
  errorAnswer,
  readScrape,
  scrapeAnswer,
  readAnnounce,
  readConnect,
} from '../../support/udp-tracker-datagrams.ts'

const REQUEST: AnnounceRequest = {
  infoHash: new Uint8Array(20).fill(0xaa),
  peerId: new Uint8Array(20).fill(0xbb),
  port: 0xcafe,
  uploaded: 2 ** 40 + 1,
  downloaded: 2,
  left: Number.MAX_SAFE_INTEGER,
  event: 'started',
  numWant: NUM_WANT_DEFAULT,
  key: 'c0ffee00',
  isCompact: true,
  noPeerId: true,
}
const CONNECTION_ID = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 0xff])

function announced(request: Partial<AnnounceRequest> = {}, urlData = '') {
  const datagram = encodeAnnounce({
    connectionId: CONNECTION_ID,
    transactionId: 0xfedcba98,
    request: { ...REQUEST, ...request },
    urlData,
  })
  return readAnnounce(datagram)!
}

suite('a connect', () => {
  test('is the magic number and a transaction', () => {
    assert.equal(readConnect(encodeConnect(0xfedcba98)), 0xfedcba98)
  })
})

suite('a scrape', () => {
  test('is the connection, the action, the transaction and the hashes', () => {
    const infoHashes = [1, 2].map(torrent => new Uint8Array(20).fill(torrent))
    const connectionId = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    const scrape = readScrape(encodeScrape({ connectionId, transactionId: 0xfffffffe, infoHashes }))
    assert.deepEqual(scrape, { connectionId: 0x0102030405060708n, transactionId: 0xfffffffe, infoHashes })
  })
})

suite('an announce', () => {
  test('has every field in its place', () => {
    assert.deepEqual(announced(), {
      connectionId: 0x01020304050607ffn,
      transactionId: 0xfedcba98,
      infoHash: REQUEST.infoHash,
      peerId: REQUEST.peerId,
      downloaded: 2n,
      left: 2n ** 53n - 1n,
      uploaded: 2n ** 40n + 1n,
      event: 2,
      ip: 0,
      key: 0xc0ffee00,
      numWant: -1,
      port: 0xcafe,
      options: new Uint8Array(0),
    })
  })

  test('numbers the events as BEP 15 does, and knows none for a pause', () => {
    const events = [null, 'completed', 'started', 'stopped', 'paused'] as const
    assert.deepEqual(
      events.map(event => announced({ event }).event),
      [0, 1, 2, 3, 0],
    )
  })

  test('has no key where there is none that is a number', () => {
    for (const key of [null, 'words', '123456789']) assert.equal(announced({ key }).key, 0)
  })

  test('tells path and query in options of 255 bytes (BEP 41), up to a limit', () => {
    assert.deepEqual([...announced({}, '/a?b').options], [2, 4, ...Buffer.from('/a?b')])
    const long = `/${'x'.repeat(299)}`
    const { options } = announced({}, long)
    assert.deepEqual([options[0], options[1], options[257], options[258]], [2, 255, 2, 45])
    const said = [options.subarray(2, 257), options.subarray(259)]
    assert.equal(Buffer.concat(said).toString(), long)
    const limit = TRACKER_LIMITS.urlDataLength
    assert.equal(announced({}, `/${'x'.repeat(5000)}`).options.length, limit + 2 * Math.ceil(limit / 255))
  })
})

suite('an answer', () => {
  test('to a connect has the id', () => {
    assert.deepEqual(decodeUdpAnswer(connectAnswer(7, 0x01020304050607ffn), 4), {
      kind: 'connected',
      transactionId: 7,
      connectionId: CONNECTION_ID,
    })
  })

  for (const [family, peers, wanted] of [
    [
      4,
      [
        [192, 0, 2, 1, 0x1a, 0xe1],
        [192, 0, 2, 2, 0, 0],
        [192, 0, 2, 3, 0, 1],
      ],
      ['192.0.2.1:6881', '192.0.2.3:1'],
    ],
    [6, [[0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 5, 0x1a, 0xe1]], ['[2001:db8::5]:6881']],
  ] as const) {
    test(`over IPv${family} has peers, without those that nobody can reach`, () => {
      const answer = decodeUdpAnswer(
        announceAnswer(9, { interval: 1800, leechers: 3, seeders: 4, peers }),
        family,
      )
      assert.ok(answer?.kind === 'announced')
      const { response } = answer
      assert.deepEqual(
        response.peers.map(peer => formatAddress(peer.address)),
        wanted,
      )
      assert.deepEqual([response.intervalSeconds, response.incomplete, response.complete], [1800, 3, 4])
    })
  }

  test('leaves out a peer that is cut off, and what is beyond a limit', () => {
    const peers = Array.from({ length: TRACKER_LIMITS.answerPeers + 9 }, () => [192, 0, 2, 1, 0x1a, 0xe1])
    const whole = announceAnswer(9, { interval: 2 ** 32 - 1, leechers: 0, seeders: 0, peers })
    const answer = decodeUdpAnswer(whole, 4)
    assert.ok(answer?.kind === 'announced')
    assert.equal(answer.response.peers.length, TRACKER_LIMITS.answerPeers)
    assert.equal(answer.response.intervalSeconds, TRACKER_LIMITS.longestIntervalSeconds)
    const cut = decodeUdpAnswer(whole.subarray(0, 20 + 11), 4)
    assert.ok(cut?.kind === 'announced')
    assert.equal(cut.response.peers.length, 1)
  })

  test('to a scrape has the counts of whole swarms, in order and within a limit', () => {
    const answer = decodeUdpAnswer(
      scrapeAnswer(5, [
        [1, 2, 3],
        [4, 5, 6],
      ]).subarray(0, 8 + 23),
      4,
    )
    assert.deepEqual(answer, {
      kind: 'scraped',
      transactionId: 5,
      counts: [{ complete: 1, downloaded: 2, incomplete: 3 }],
    })
    const many = decodeUdpAnswer(scrapeAnswer(5, Array(TRACKER_LIMITS.scrapeHashes + 1).fill([0, 0, 0])), 4)
    assert.ok(many?.kind === 'scraped')
    assert.equal(many.counts.length, TRACKER_LIMITS.scrapeHashes)
  })

  test('that refuses has words for people', () => {
    const answer = decodeUdpAnswer(errorAnswer(3, ' not\nallowed\x00'), 4)
    assert.deepEqual(answer, { kind: 'refused', transactionId: 3, text: 'not allowed' })
  })

  test('that is cut off, or of another kind, is none', () => {
    const answers = [
      connectAnswer(1, 2n),
      announceAnswer(1, { interval: 1, leechers: 0, seeders: 0, peers: [] }),
      errorAnswer(1, ''),
    ]
    for (const answer of answers)
      for (let length = 0; length < answer.length; length++)
        assert.equal(decodeUdpAnswer(answer.subarray(0, length), 4), null)
    assert.equal(decodeUdpAnswer(Uint8Array.from([0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0]), 4), null)
  })
})
