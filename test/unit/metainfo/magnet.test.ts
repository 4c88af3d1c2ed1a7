import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatHex, parseHex } from '../../../src/core/bytes.ts'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'
import { formatMagnet, type Magnet, parseMagnet } from '../../../src/metainfo/magnet.ts'

const V1 = 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd'
const V2 = 'caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e'
const BASE = `magnet:?xt=urn:btih:${V1}`

function v1(link: string): string | null {
  const { hashes } = parseMagnet(link)
  return hashes.v1 ? formatHex(hashes.v1) : null
}

describe('the hashes of a magnet link', () => {
  const good: [name: string, link: string, hashes: [v1: string | null, v2: string | null]][] = [
    ['v1 in hex', BASE, [V1, null]],
    ['v1 in upper case', `MAGNET:?XT=URN:BTIH:${V1.toUpperCase()}`, [V1, null]],
    ['v1 in base32', 'magnet:?xt=urn:btih:ZXG43TONZXG43TONZXG43TONZXG43TON', [V1, null]],
    ['v1 in base32 in lower case', 'magnet:?xt=urn:btih:zxg43tonzxg43tonzxg43tonzxg43ton', [V1, null]],
    ['v1 with its colons escaped', `magnet:?xt=urn%3Abtih%3A${V1}`, [V1, null]],
    ['v2', `magnet:?xt=urn:btmh:1220${V2}`, [null, V2]],
    ['a hybrid', `${BASE}&xt=urn:btmh:1220${V2}`, [V1, V2]],
    ['a hybrid with numbered topics', `magnet:?xt.1=urn:btih:${V1}&xt.2=urn:btmh:1220${V2}`, [V1, V2]],
    [
      'one beside those of other networks',
      `magnet:?xt=urn:sha1:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C&xt=urn:btih:${V1}`,
      [V1, null],
    ],
    ['the same twice', `${BASE}&xt=urn:btih:${V1}`, [V1, null]],
    ['with spaces around', `  ${BASE}\n`, [V1, null]],
    ['behind an empty parameter', `magnet:?&&xt=urn:btih:${V1}&`, [V1, null]],
  ]
  for (const [name, link, [first, second]] of good) {
    test(`are read: ${name}`, () => {
      const { hashes } = parseMagnet(link)
      assert.deepEqual(
        [hashes.v1 ? formatHex(hashes.v1) : null, hashes.v2 ? formatHex(hashes.v2) : null],
        [first, second],
      )
    })
  }

  const bad: [name: string, link: string, code: string][] = [
    ['no magnet link', 'http://example.com/', 'magnet-invalid'],
    ['nothing', '', 'magnet-invalid'],
    ['no question mark', `magnet:xt=urn:btih:${V1}`, 'magnet-invalid'],
    ['longer than the limit', `${BASE}&dn=${'x'.repeat(METAINFO_LIMITS.magnetLength)}`, 'magnet-invalid'],
    ['no hash', 'magnet:?dn=name', 'magnet-hash-missing'],
    [
      'the hash of another network',
      'magnet:?xt=urn:ed2k:354B15E68FB8F36D7CD88FF94116CDC1',
      'magnet-hash-missing',
    ],
    ['39 digits', `magnet:?xt=urn:btih:${V1.slice(1)}`, 'magnet-hash-invalid'],
    ['41 digits', `magnet:?xt=urn:btih:${V1}0`, 'magnet-hash-invalid'],
    ['digits that are none', `magnet:?xt=urn:btih:${'g'.repeat(40)}`, 'magnet-hash-invalid'],
    ['31 digits of base32', 'magnet:?xt=urn:btih:XG43TONZXG43TONZXG43TONZXG43TON', 'magnet-hash-invalid'],
    [
      'base32 with a digit that is none',
      'magnet:?xt=urn:btih:1XG43TONZXG43TONZXG43TONZXG43TON',
      'magnet-hash-invalid',
    ],
    ['v2 without its kind of hash', `magnet:?xt=urn:btmh:${V2}`, 'magnet-hash-invalid'],
    ['v2 of another kind of hash', `magnet:?xt=urn:btmh:1114${V1}`, 'magnet-hash-invalid'],
    ['v2 with a digit more', `magnet:?xt=urn:btmh:1220${V2}0`, 'magnet-hash-invalid'],
    ['two that differ', `${BASE}&xt=urn:btih:${'ab'.repeat(20)}`, 'magnet-hashes-differ'],
  ]
  for (const [name, link, code] of bad) {
    test(`are refused: ${name}`, () => assert.throws(() => parseMagnet(link), { name: 'FormatError', code }))
  }
})

describe('the rest of a magnet link', () => {
  test('is all read', () => {
    const link = `${BASE}&dn=Gr%C3%B6%C3%9Fe+1&tr=udp%3A%2F%2Ft.example%3A80%2Fannounce&tr.1=http://u.example/x&ws=https%3A%2F%2Fw.example%2F&x.pe=10.0.0.1:6881&x.pe=[2001:db8::1]:80&x.pe=host.example:1&so=0,2-3`
    assert.deepEqual(parseMagnet(link), {
      hashes: { v1: parseHex(V1) },
      name: 'Größe 1',
      trackers: ['udp://t.example:80/announce', 'http://u.example/x'],
      webSeeds: ['https://w.example/'],
      peers: [
        { host: '10.0.0.1', port: 6881 },
        { host: '2001:db8::1', port: 80 },
        { host: 'host.example', port: 1 },
      ],
      selectOnly: [
        { first: 0, last: 0 },
        { first: 2, last: 3 },
      ],
      warnings: [],
    } satisfies Magnet)
  })

  test('is empty where it is not there', () => {
    assert.deepEqual(parseMagnet(BASE), {
      hashes: { v1: parseHex(V1) },
      name: null,
      trackers: [],
      webSeeds: [],
      peers: [],
      selectOnly: null,
      warnings: [],
    })
  })

  test('is passed over where it cannot be used', () => {
    const odd =
      '&tr=file:///etc/passwd&tr=javascript:1&tr=&tr=%ff&ws=ftp://a/&x.pe=a&x.pe=a:0&x.pe=a:65536&x.pe=:1&x.pe=[zz]:1&x.pe=a b:1&x.pe=u@h:1&so=x&xs=http://localhost/&as=http://localhost/&__proto__=1'
    const { warnings, ...rest } = parseMagnet(BASE + odd)
    assert.deepEqual({ ...rest, warnings: [] }, parseMagnet(BASE))
    assert.deepEqual(
      warnings.map(({ code, count }) => [code, count]),
      [
        ['tracker-invalid', 2],
        ['web-seed-invalid', 1],
        ['peer-invalid', 7],
      ],
    )
  })

  test('is quoted, cut, where it cannot be used', () => {
    const [warning] = parseMagnet(`${BASE}&tr=${'x'.repeat(500)}`).warnings
    assert.match(warning!.message, /^the tracker "x{80}…" is not an address that can be asked/)
  })

  test('is bounded', () => {
    const many = (name: string, value: string) =>
      Array.from({ length: 2000 }, (_, i) => `&${name}=${value.replace('#', `${i}`)}`).join('')
    const { trackers, peers } = parseMagnet(
      `${BASE}${many('tr', 'http://a/#')}${many('x.pe', 'a#:1').slice(0, 20_000)}`,
    )
    assert.deepEqual([trackers.length, peers.length], [METAINFO_LIMITS.trackers, METAINFO_LIMITS.magnetPeers])
  })

  test('names each tracker once', () =>
    assert.deepEqual(parseMagnet(`${BASE}&tr=http://a/&tr=http://a/`).trackers, ['http://a/']))
})

describe('writing a magnet link', () => {
  test('keeps what was read', () => {
    const magnet: Magnet = {
      hashes: { v1: parseHex(V1), v2: parseHex(V2) },
      name: 'a & b = ü + 100%',
      trackers: ['http://t.example/?a=1&b=2', 'udp://t.example:80'],
      webSeeds: ['http://w.example/a%20b'],
      peers: [
        { host: '::1', port: 5 },
        { host: 'host', port: 6 },
      ],
      selectOnly: [{ first: 1, last: 4 }],
      warnings: [],
    }
    assert.deepEqual(parseMagnet(formatMagnet(magnet)), magnet)
  })

  test('needs no more than a hash', () => assert.equal(formatMagnet({ hashes: { v1: parseHex(V1) } }), BASE))

  test('does not break on half a character', () =>
    assert.equal(v1(formatMagnet({ hashes: { v1: parseHex(V1) }, name: 'a\ud800' })), V1))
})
