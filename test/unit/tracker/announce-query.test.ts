import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { latin1Text } from '../../../src/core/bytes.ts'
import { type AnnounceRequest, isFailure, NUM_WANT_DEFAULT } from '../../../src/tracker/announce.ts'
import { parseAnnounceQuery, parseScrapeQuery } from '../../../src/tracker/announce-query.ts'
import { announceUrl } from '../../../src/tracker/http-codec.ts'
import { infoHashOf, peerIdOf } from '../../support/swarm-announces.ts'

const HASH = '%01'.repeat(20)
const REQUIRED = `info_hash=${HASH}&peer_id=-SH0100-abcdefghijkl&port=6881`

function read(query: string): AnnounceRequest {
  const request = parseAnnounceQuery(query)
  assert.ok(!isFailure(request), JSON.stringify(request))
  return request
}

function refusal(query: string): string {
  const request = parseAnnounceQuery(query)
  assert.ok(isFailure(request), 'is refused')
  return request.failure
}

suite('parseAnnounceQuery', () => {
  test('reads everything a client says', () => {
    const request = read(
      `${REQUIRED}&uploaded=1&downloaded=2&left=3&event=started&numwant=7&key=0badcafe&compact=0&no_peer_id=1` +
        '&ip=192.0.2.1&ipv6=2001%3Adb8%3A%3A1&trackerid=a%20b&supportcrypto=1',
    )
    assert.deepEqual(
      { ...request, infoHash: request.infoHash.length, peerId: latin1Text(request.peerId) },
      {
        infoHash: 20,
        peerId: '-SH0100-abcdefghijkl',
        port: 6881,
        uploaded: 1,
        downloaded: 2,
        left: 3,
        event: 'started',
        numWant: 7,
        key: '0badcafe',
        isCompact: false,
        noPeerId: true,
        ip: '192.0.2.1',
        ipv6: '2001:db8::1',
        trackerId: 'a b',
      },
    )
  })

  test('takes the least for what is not said', () => {
    const { uploaded, left, event, numWant, isCompact, noPeerId } = read(REQUIRED)
    assert.deepEqual(
      { uploaded, left, event, numWant, isCompact, noPeerId },
      {
        uploaded: 0,
        left: Number.MAX_SAFE_INTEGER,
        event: null,
        numWant: NUM_WANT_DEFAULT,
        isCompact: true,
        noPeerId: false,
      },
    )
  })

  test('reads any bytes, however they are escaped', () => {
    const infoHash = Uint8Array.from({ length: 20 }, (_, i) => i * 13)
    const everyByte = [...infoHash].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')
    assert.deepEqual(
      read(`info_hash=${everyByte}&peer_id=${everyByte.toUpperCase()}&port=1`).infoHash,
      infoHash,
    )
    const request = read(`info_hash=${HASH}&peer_id=a+b%2Bc~_-.!*()'012345&port=1`)
    assert.equal(latin1Text(request.peerId), "a b+c~_-.!*()'012345")
  })

  test('reads what our own client writes', () => {
    const mine: AnnounceRequest = {
      infoHash: infoHashOf(0x25262b3d),
      peerId: peerIdOf(7),
      port: 51413,
      uploaded: 2 ** 40,
      downloaded: 1,
      left: 0,
      event: 'completed',
      numWant: 80,
      key: 'deadbeef',
      isCompact: true,
      noPeerId: true,
      ip: '192.0.2.9',
      ipv6: '2001:db8::9',
      trackerId: 'é&=',
    }
    const url = announceUrl('http://tracker.example/announce', mine)
    assert.deepEqual(read(url.slice(url.indexOf('?') + 1)), mine)
  })

  const refusals: [query: string, what: RegExp][] = [
    ['', /info_hash is missing/],
    [`peer_id=-SH0100-abcdefghijkl&port=1`, /info_hash is missing/],
    [`info_hash=${HASH}&port=1`, /peer_id is missing/],
    [`info_hash=${HASH}&peer_id=-SH0100-abcdefghijkl`, /port is missing/],
    [REQUIRED.replace('%01', ''), /info_hash must be 20 bytes/],
    [REQUIRED.replace('%01', '%01%02'), /info_hash must be 20 bytes/],
    [REQUIRED.replace('%01', '%zz'), /info_hash must be 20 bytes/],
    [REQUIRED.replace('%01', '%0'), /info_hash must be 20 bytes/],
    [`peer_id=-SH0100-abcdefghijkl&port=1&info_hash=${HASH.slice(0, -3)}%`, /info_hash must be 20 bytes/],
    [REQUIRED.replace('abc', ''), /peer_id must be 20 bytes/],
    [REQUIRED.replace('6881', '0'), /port must be/],
    [REQUIRED.replace('6881', '65536'), /port must be/],
    [REQUIRED.replace('6881', '-1'), /port must be/],
    [REQUIRED.replace('6881', '0x10'), /port must be/],
    [`${REQUIRED}&left=abc`, /left must be/],
    [`${REQUIRED}&left=-2`, /left must be/],
    [`${REQUIRED}&left=1e3`, /left must be/],
    [`${REQUIRED}&uploaded=-1`, /uploaded must be/],
    [`${REQUIRED}&downloaded=`, /downloaded must be/],
    [`${REQUIRED}&info_hash=${HASH}`, /info_hash is there twice/],
    [`${REQUIRED}&left=1&left=0`, /left is there twice/],
    [`${REQUIRED}&x=${'a'.repeat(9000)}`, /too long/],
  ]
  for (const [query, what] of refusals) {
    test(`refuses ${query.slice(0, 100) || 'nothing at all'}`, () => assert.match(refusal(query), what))
  }

  test('takes a number too large to be exact for the largest that is', () => {
    assert.equal(read(`${REQUIRED}&left=9223372036854775807`).left, Number.MAX_SAFE_INTEGER)
  })

  test('takes -1 bytes left for "not known yet"', () => {
    assert.equal(read(`${REQUIRED}&left=-1`).left, Number.MAX_SAFE_INTEGER)
  })

  test('leaves the number of peers to the tracker where it is odd', () => {
    for (const odd of ['-1', '-99', 'NaN', '', '1e9', '12abc']) {
      assert.equal(read(`${REQUIRED}&numwant=${odd}`).numWant, NUM_WANT_DEFAULT, odd)
    }
    assert.equal(read(`${REQUIRED}&numwant=0`).numWant, 0)
  })

  test('takes an event that it does not know for a regular announce', () => {
    for (const event of ['', 'empty', 'STARTED', '__proto__', 'constructor']) {
      assert.equal(read(`${REQUIRED}&event=${event}`).event, null, event)
    }
    assert.equal(read(`${REQUIRED}&event=paused`).event, 'paused')
  })

  test('skips what it does not know, broken pairs and texts that are too long', () => {
    const request = read(`&&=&a&__proto__=1&toString=2&${REQUIRED}&key=${'k'.repeat(65)}&ip=%&x==`)
    assert.equal(request.key, null)
    assert.equal(request.ip, undefined)
  })
})

suite('parseScrapeQuery', () => {
  test('reads info-hashes in their order, each once', () => {
    const hashes = parseScrapeQuery(`info_hash=${HASH}&x=1&info_hash=${'%02'.repeat(20)}&info_hash=${HASH}`)
    assert.deepEqual(hashes, [new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)])
  })

  test('refuses a scrape of everything, a wrong hash and too many', () => {
    const failures = [
      '',
      'x=1',
      `info_hash=${HASH}&info_hash=short`,
      Array.from({ length: 75 }, (_, i) => `info_hash=${String(i).padStart(20, 'h')}`).join('&'),
      `info_hash=${HASH}&${'x'.repeat(9000)}`,
    ].map(parseScrapeQuery)
    for (const failure of failures) assert.ok(isFailure(failure), JSON.stringify(failure))
  })

  test('takes as many as a UDP answer holds', () => {
    const query = Array.from({ length: 74 }, (_, i) => `info_hash=${String(i).padStart(20, 'h')}`).join('&')
    const hashes = parseScrapeQuery(query)
    assert.ok(!isFailure(hashes) && hashes.length === 74)
  })
})
