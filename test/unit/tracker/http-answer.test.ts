import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import { type AnnounceAnswer, HttpAnswerEncoder } from '../../../src/tracker/http-answer.ts'
import { decodeAnnounceResponse, decodeScrapeResponse } from '../../../src/tracker/http-codec.ts'

const NOBODY = { count: 0, addresses: new Uint8Array(0), peerIds: new Uint8Array(0) }

function answer(parts: Partial<AnnounceAnswer> = {}): AnnounceAnswer {
  return {
    intervalSeconds: 1800,
    minIntervalSeconds: 900,
    complete: 3,
    incomplete: 2,
    downloaded: 7,
    ipv4: NOBODY,
    ipv6: NOBODY,
    externalHost: null,
    warning: null,
    ...parts,
  }
}

const V4 = {
  count: 1,
  addresses: Uint8Array.of(192, 0, 2, 1, 0x1a, 0xe1, 9, 9, 9, 9, 9, 9),
  peerIds: latin1Bytes('-SH0100-abcdefghijklXXXX'),
}
const V6 = {
  count: 1,
  addresses: Uint8Array.of(0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80),
  peerIds: latin1Bytes('-SH0100-bbbbbbbbbbbb'),
}
const COMPACT = { isCompact: true, noPeerId: false }

suite('HttpAnswerEncoder', () => {
  const encoder = new HttpAnswerEncoder()
  const announce = (parts: Partial<AnnounceAnswer>, form = COMPACT) =>
    latin1Text(encoder.announce(answer(parts), form))

  test('packs peers of both families, keys in order', () => {
    assert.equal(
      announce({ ipv4: V4, ipv6: V6 }),
      'd8:completei3e10:downloadedi7e10:incompletei2e8:intervali1800e12:min intervali900e' +
        '5:peers6:\xc0\x00\x02\x01\x1a\xe16:peers618:\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\x50e',
    )
  })

  test('has an empty list where there is nobody', () => {
    assert.match(announce({}), /5:peers0:e$/)
  })

  test('lists dictionaries, with ids and without', () => {
    assert.match(
      announce({ ipv4: V4, ipv6: V6 }, { isCompact: false, noPeerId: false }),
      /5:peersld2:ip9:192\.0\.2\.17:peer id20:-SH0100-abcdefghijkl4:porti6881eed2:ip11:2001:db8::17:peer id20:-SH0100-b{12}4:porti80eeee$/,
    )
    assert.match(
      announce({ ipv4: V4 }, { isCompact: false, noPeerId: true }),
      /5:peersld2:ip9:192\.0\.2\.14:porti6881eeee$/,
    )
  })

  test('tells the asker where it is seen, and warns', () => {
    const text = announce({ externalHost: Uint8Array.of(198, 51, 100, 7), warning: 'föö' })
    assert.ok(text.includes('e11:external ip4:\xc6\x33\x64\x0710:incomplete'))
    assert.ok(text.endsWith('15:warning message5:f\xc3\xb6\xc3\xb6e'))
  })

  test('is read by our own client', () => {
    const bytes = encoder.announce(
      answer({ ipv4: V4, ipv6: V6, externalHost: Uint8Array.of(198, 51, 100, 7), warning: 'careful' }),
      COMPACT,
    )
    const read = decodeAnnounceResponse(bytes)
    assert.deepEqual(
      { ...read, peers: read.peers.map(peer => `${peer.address.host} ${peer.address.port}`) },
      {
        intervalSeconds: 1800,
        minIntervalSeconds: 900,
        complete: 3,
        incomplete: 2,
        downloaded: 7,
        peers: ['192.0.2.1 6881', '2001:db8::1 80'],
        warning: 'careful',
        externalHost: '198.51.100.7',
        trackerId: null,
      },
    )
  })

  test('gives the counts of swarms in the order of their hashes', () => {
    const counts = { complete: 1, incomplete: 3, downloaded: 9 }
    const bytes = encoder.scrape([
      { infoHash: new Uint8Array(20).fill(0xff), ...counts, downloaders: 2 },
      { infoHash: new Uint8Array(20).fill(0x01), ...counts, downloaders: null },
    ])
    assert.equal(
      latin1Text(bytes),
      `d5:filesd20:${'\x01'.repeat(20)}d8:completei1e10:downloadedi9e10:incompletei3ee` +
        `20:${'\xff'.repeat(20)}d8:completei1e10:downloadedi9e11:downloadersi2e10:incompletei3eeee`,
    )
    assert.deepEqual(
      decodeScrapeResponse(bytes).map(entry => entry.downloaders),
      [null, 2],
    )
  })

  test('says why not, and when again', () => {
    const failure = (retryInSeconds?: number) =>
      latin1Text(
        encoder.failure(retryInSeconds === undefined ? { failure: 'no' } : { failure: 'no', retryInSeconds }),
      )
    assert.equal(failure(), 'd14:failure reason2:noe')
    assert.equal(failure(300), 'd14:failure reason2:no8:retry ini5ee')
    assert.equal(failure(Number.POSITIVE_INFINITY), 'd14:failure reason2:no8:retry in5:nevere')
  })
})
