import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asDict } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode } from '../../../src/bencode/encode.ts'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'
import { readTiers, readUrls, TRACKER_PROTOCOLS, usableUrl } from '../../../src/metainfo/torrent-urls.ts'
import { Warnings } from '../../../src/metainfo/warning.ts'

function tiers(file: { [key: string]: Encodable }): string[][] {
  return readTiers(asDict(decodeBencode(encodeBencode(file)))!, new Warnings())
}

describe('the tiers of trackers', () => {
  test('are those of the list, where it has any', () => {
    assert.deepEqual(
      tiers({ announce: 'http://x/', 'announce-list': [['http://a/', 'udp://b:1/'], ['ws://c/']] }),
      [['http://a/', 'udp://b:1/'], ['ws://c/']],
    )
  })

  test('are the one that is announced to, where there is no list', () => {
    assert.deepEqual(tiers({ announce: 'http://x/' }), [['http://x/']])
    assert.deepEqual(tiers({ announce: 'http://x/', 'announce-list': [] }), [['http://x/']])
    assert.deepEqual(tiers({ announce: 'http://x/', 'announce-list': 'http://y/' }), [['http://x/']])
  })

  test('may be none', () => assert.deepEqual(tiers({}), []))

  test('may be written without the inner lists', () =>
    assert.deepEqual(tiers({ 'announce-list': ['http://a/', 'http://b/'] }), [['http://a/'], ['http://b/']]))
})

describe('a URL', () => {
  test('is kept as it was written', () => {
    for (const text of [
      'http://a',
      'http://A.example/Path?x=%2F',
      'udp://a:80',
      'http://[::1]:6969/announce',
    ]) {
      assert.equal(usableUrl(text, TRACKER_PROTOCOLS), text)
    }
  })

  test('is refused with another protocol, without a host, or where it is none', () => {
    for (const text of ['ftp://a/', 'file:///a', 'http://', 'a', '', 'http//a', 'data:,x'])
      assert.equal(usableUrl(text, TRACKER_PROTOCOLS), null)
  })

  test('is refused beyond the limit', () => {
    const text = 'http://a/'.padEnd(METAINFO_LIMITS.urlLength, 'x')
    assert.equal(usableUrl(text, TRACKER_PROTOCOLS), text)
    assert.equal(usableUrl(`${text}x`, TRACKER_PROTOCOLS), null)
  })
})

test('URLs are taken up to their limit, with a warning', () => {
  const warnings = new Warnings()
  const value = decodeBencode(encodeBencode(['http://a/', 'http://b/', 'http://a/', 'http://c/']))
  assert.deepEqual(readUrls(value, ['http:'], 2, 'web-seed', warnings), ['http://a/', 'http://b/'])
  assert.deepEqual(
    warnings.list().map(({ code }) => code),
    ['too-many-web-seeds'],
  )
})
