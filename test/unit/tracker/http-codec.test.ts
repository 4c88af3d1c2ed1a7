import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { formatAddress } from '../../../src/core/address.ts'
import { latin1Bytes } from '../../../src/core/bytes.ts'
import { FormatError, TrackerError } from '../../../src/core/errors.ts'
import { type AnnounceRequest, NUM_WANT_DEFAULT } from '../../../src/tracker/announce.ts'
import {
  announceUrl,
  decodeAnnounceResponse,
  decodeScrapeResponse,
  scrapeUrl,
} from '../../../src/tracker/http-codec.ts'

const REQUEST: AnnounceRequest = {
  infoHash: latin1Bytes('\x00\x12\x7f\x80\xff abc~.-_XYZ09+&='),
  peerId: latin1Bytes('-SH0100-abcdefghijkl'),
  port: 6881,
  uploaded: 0,
  downloaded: 1,
  left: 2,
  event: null,
  numWant: NUM_WANT_DEFAULT,
  key: null,
  isCompact: true,
  noPeerId: false,
}

suite('announceUrl', () => {
  test('escapes every byte that is not unreserved', () => {
    assert.equal(
      announceUrl('http://t.example/announce', REQUEST),
      'http://t.example/announce?info_hash=%00%12%7F%80%FF%20abc~.-_XYZ09%2B%26%3D&peer_id=-SH0100-abcdefghijkl' +
        '&port=6881&uploaded=0&downloaded=1&left=2&compact=1',
    )
  })

  test('says the rest only where there is something to say', () => {
    const url = announceUrl('http://t.example/announce', {
      ...REQUEST,
      event: 'started',
      numWant: 30,
      key: '00c0ffee',
      isCompact: false,
      noPeerId: true,
      trackerId: 'x y',
    })
    assert.ok(url.endsWith('&compact=0&no_peer_id=1&event=started&numwant=30&key=00c0ffee&trackerid=x%20y'))
  })

  test('keeps what the address has of its own', () => {
    const begins = (base: string, start: string) => assert.ok(announceUrl(base, REQUEST).startsWith(start))
    begins('http://t.example/announce?passkey=1', 'http://t.example/announce?passkey=1&info_hash=')
    begins('http://t.example/announce?', 'http://t.example/announce?info_hash=')
    begins('http://t.example/announce?a&', 'http://t.example/announce?a&info_hash=')
    begins('http://t.example/announce#x', 'http://t.example/announce?info_hash=')
  })
})

suite('scrapeUrl', () => {
  const hash = latin1Bytes('h'.repeat(20))
  const query = `info_hash=${'h'.repeat(20)}`
  const cases: [base: string, url: string | null][] = [
    ['http://t.example/announce', `http://t.example/scrape?${query}`],
    ['http://t.example/x/announce', `http://t.example/x/scrape?${query}`],
    ['http://t.example/announce.php', `http://t.example/scrape.php?${query}`],
    ['http://t.example/announce?k=announce', `http://t.example/scrape?k=announce&${query}`],
    ['http://t.example/announce/x', null],
    ['http://t.example/a', null],
    ['http://announce/', null],
    ['http://t.example/a?x=/announce', null],
  ]
  for (const [base, url] of cases) {
    test(`of ${base} is ${url}`, () => assert.equal(scrapeUrl(base, [hash]), url))
  }

  test('names every torrent', () => {
    assert.equal(
      scrapeUrl('http://t.example/announce', [hash, hash]),
      `http://t.example/scrape?${query}&${query}`,
    )
  })
})

function decode(text: string) {
  return decodeAnnounceResponse(latin1Bytes(text))
}

function peers(text: string): string[] {
  return decode(text).peers.map(peer => formatAddress(peer.address))
}

suite('decodeAnnounceResponse', () => {
  test('takes what the tracker does not say for unknown', () => {
    assert.deepEqual(decode('de'), {
      intervalSeconds: null,
      minIntervalSeconds: null,
      complete: null,
      incomplete: null,
      downloaded: null,
      peers: [],
      warning: null,
      externalHost: null,
      trackerId: null,
    })
  })

  test('reads packed peers and leaves out port 0', () => {
    assert.deepEqual(peers('d5:peers12:\xc0\x00\x02\x01\x1a\xe1\xc0\x00\x02\x02\x00\x00e'), [
      '192.0.2.1:6881',
    ])
    assert.deepEqual(peers(`d6:peers618:\x20\x01\x0d\xb8${'\0'.repeat(11)}\x01\x1a\xe1e`), [
      '[2001:db8::1]:6881',
    ])
  })

  test('reads peers as dictionaries, and leaves out those that cannot be reached', () => {
    const id = '-SH0100-abcdefghijkl'
    const { peers: read } = decode(
      `d5:peersld2:ip9:192.0.2.17:peer id20:${id}4:porti6881eed2:ip4:name4:porti1eed2:ip9:192.0.2.24:porti0ee` +
        'd2:ip9:192.0.2.24:porti65536eed2:ip9:192.0.2.24:porti-1eei5e4:spamd4:porti1eed2:ip11:2001:db8::14:porti9eeee',
    )
    assert.deepEqual(
      read.map(peer => formatAddress(peer.address)),
      ['192.0.2.1:6881', '[2001:db8::1]:9'],
    )
    assert.deepEqual(read[0]?.peerId, latin1Bytes(id))
    assert.equal(read[1]?.peerId, undefined)
  })

  test('reads no more than 500 peers', () => {
    const packed = '\xc0\x00\x02\x01\x1a\xe1'.repeat(10_000)
    assert.equal(peers(`d5:peers${packed.length}:${packed}e`).length, 500)
  })

  test('reads times and counts, and takes senseless ones for unknown', () => {
    const read = decode('d8:completei-1e10:incomplete1:x8:intervali99999999e12:min intervali-5ee')
    assert.deepEqual(
      [read.complete, read.incomplete, read.intervalSeconds, read.minIntervalSeconds],
      [null, null, 86_400, null],
    )
    assert.equal(decode('d8:intervali0ee').intervalSeconds, 0)
  })

  test('reads warnings, external addresses and tracker ids, and cuts them short', () => {
    const read = decode(
      `d11:external ip4:\xc6\x33\x64\x0710:tracker id3:a\xffb15:warning message1005:evil\x1b${'x'.repeat(1000)}e`,
    )
    assert.equal(read.externalHost, '198.51.100.7')
    assert.equal(read.trackerId, 'a\xffb')
    assert.equal(read.warning?.length, 500)
    assert.ok(read.warning?.startsWith('evil x'))
    assert.equal(decode('d11:external ip3:abc10:tracker idi5ee').externalHost, null)
    assert.equal(decode(`d10:tracker id1025:${'x'.repeat(1025)}e`).trackerId, null)
  })

  const refusals: [text: string, reason: string, retryInSeconds: number | null][] = [
    ['d14:failure reason4:goode', 'good', null],
    ['d14:failure reason2:no8:retry ini5ee', 'no', 300],
    ['d14:failure reason2:no8:retry in1:5e', 'no', 300],
    ['d14:failure reason2:no8:retry in5:nevere', 'no', Number.POSITIVE_INFINITY],
    ['d14:failure reason2:no8:retry in5:sometimee'.replace('5:', '8:'), 'no', null],
    ['d14:failure reason2:no8:retry ini-5ee', 'no', null],
  ]
  for (const [text, reason, retryInSeconds] of refusals) {
    test(`throws the tracker's own words: ${text}`, () => {
      assert.throws(
        () => decode(text),
        (error: unknown) =>
          error instanceof TrackerError &&
          error.code === 'tracker-refused' &&
          error.wireText === reason &&
          error.retryInSeconds === retryInSeconds,
      )
    })
  }

  const nonsense = [
    '',
    'x',
    '<html>404</html>',
    'le',
    'i5e',
    'd5:peers5:12345e',
    'd6:peers66:123456e',
    'd5:peers',
    'd'.repeat(50),
  ]
  for (const text of nonsense) {
    test(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.throws(
        () => decode(text),
        (error: unknown) => error instanceof FormatError && error.code === 'tracker-answer-invalid',
      )
    })
  }

  test('says so when the answer is a web page', () => {
    assert.throws(() => decode(' <!doctype html>'), /web page/)
  })
})

suite('decodeScrapeResponse', () => {
  test('reads the example of BEP 48', () => {
    const bytes = latin1Bytes(
      'd5:filesd20:xxxxxxxxxxxxxxxxxxxxd8:completei11e10:downloadedi13772e10:incompletei19ee' +
        '20:yyyyyyyyyyyyyyyyyyyyd8:completei21e10:downloadedi206e10:incompletei20eeee',
    )
    assert.deepEqual(decodeScrapeResponse(bytes), [
      {
        infoHash: latin1Bytes('x'.repeat(20)),
        complete: 11,
        downloaded: 13772,
        incomplete: 19,
        downloaders: null,
      },
      {
        infoHash: latin1Bytes('y'.repeat(20)),
        complete: 21,
        downloaded: 206,
        incomplete: 20,
        downloaders: null,
      },
    ])
  })

  test('leaves out what makes no sense, refuses what is no scrape', () => {
    assert.deepEqual(decodeScrapeResponse(latin1Bytes(`d5:filesd3:abcde20:${'x'.repeat(20)}i5eee`)), [])
    assert.throws(() => decodeScrapeResponse(latin1Bytes('de')), FormatError)
    assert.throws(() => decodeScrapeResponse(latin1Bytes('d14:failure reason2:noe')), TrackerError)
  })
})
