import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { concatBytes, latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'
import {
  encodeTorrentFile,
  parseTorrentFile,
  partsOfTorrentFile,
} from '../../../src/metainfo/torrent-file.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { makeTorrent } from '../../support/torrents.ts'

const made = makeTorrent({ a: 100_000, b: 5 }, { format: 'hybrid' })

describe('a torrent file', () => {
  test('keeps its info dictionary byte for byte when it is written again', () => {
    const odd = latin1Bytes(`d4:name4:temp12:piece lengthi16384e6:pieces20:${'x'.repeat(20)}6:lengthi425ee`)
    const bytes = encodeTorrentFile({ infoBytes: odd, trackers: [['http://a/']] })
    const { info } = parseTorrentFile(bytes, testDigest)
    assert.equal(latin1Text(info.bytes), latin1Text(odd))
    assert.deepEqual(info.hashes.v1, testDigest.sha1(odd))
  })

  test('is written as it was read', () => {
    const parts = {
      infoBytes: made.info.bytes,
      trackers: [['http://a/', 'http://b/'], ['udp://c:1']],
      webSeeds: ['http://w/'],
      nodes: [{ host: 'router.example', port: 6881 }],
      comment: 'ü',
      createdBy: 'me',
      creationDate: 5,
      layers: made.torrent.layers,
    }
    const { info, warnings, ...rest } = parseTorrentFile(encodeTorrentFile(parts), testDigest)
    const { infoBytes, ...expected } = parts
    assert.deepEqual({ ...rest }, expected)
    assert.deepEqual([info.bytes, warnings], [infoBytes, []])
  })

  for (const format of ['v1', 'v2', 'hybrid'] as const) {
    test(`is the same file when it is written again as it was read: ${format}`, () => {
      const { bytes } = makeTorrent({ a: 100_000, b: 5 }, { format })
      const again = encodeTorrentFile(partsOfTorrentFile(parseTorrentFile(bytes, testDigest)))
      assert.equal(latin1Text(again), latin1Text(bytes))
    })
  }

  test('needs no more than an info dictionary', () => {
    const bytes = encodeTorrentFile({ infoBytes: made.info.bytes })
    assert.equal(latin1Text(bytes), `d4:info${latin1Text(made.info.bytes)}e`)
  })

  test('has one tracker without a list', () => {
    const bytes = encodeTorrentFile({ infoBytes: made.info.bytes, trackers: [['http://a/'], []] })
    assert.doesNotMatch(latin1Text(bytes), /announce-list/)
    assert.deepEqual(parseTorrentFile(bytes, testDigest).trackers, [['http://a/']])
  })

  test('may end in a newline, but not when it is read strictly', () => {
    const bytes = concatBytes([made.bytes, latin1Bytes('\n')])
    assert.deepEqual(parseTorrentFile(bytes, testDigest).info.hashes, made.info.hashes)
    assert.throws(() => parseTorrentFile(bytes, testDigest, { isStrict: true }), {
      code: 'bencode-trailing-bytes',
    })
  })

  test('does not change with the bytes it was read from', () => {
    const bytes = made.bytes.slice()
    const torrent = parseTorrentFile(bytes, testDigest)
    const before = structuredClone([torrent.info.bytes, [...torrent.layers], torrent.info.files])
    bytes.fill(0)
    assert.deepEqual([torrent.info.bytes, [...torrent.layers], torrent.info.files], before)
  })

  test('may be as long as the limit and no longer', () => {
    const bytes = new Uint8Array(METAINFO_LIMITS.torrentFileLength + 1).fill(0x6c)
    assert.throws(() => parseTorrentFile(bytes, testDigest), { code: 'torrent-file-too-long' })
    assert.throws(() => parseTorrentFile(bytes.subarray(1), testDigest), { code: 'bencode-too-deep' })
  })

  test('is read without the parts that only help to find peers, where they are odd', () => {
    const bytes = concatBytes([
      latin1Bytes('d8:announcei5e4:info'),
      made.info.bytes,
      latin1Bytes('5:nodesi5ee'),
    ])
    const torrent = parseTorrentFile(bytes, testDigest)
    assert.deepEqual([torrent.trackers, torrent.nodes], [[], []])
    assert.deepEqual(
      torrent.warnings.map(({ code }) => code),
      ['tracker-invalid', 'piece-layers-missing'],
    )
  })
})
