import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { formatHex, parseHex } from '../../../src/core/bytes.ts'
import { formatPublisherMagnet, parsePublisherMagnet } from '../../../src/metainfo/publisher-magnet.ts'

/** Of BEP 46. */
const KEY = '8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e'

suite('a magnet link that names a publisher', () => {
  it('is read as in BEP 46, with a salt and without', () => {
    const plain = parsePublisherMagnet(`magnet:?xs=urn:btpk:${KEY}`)
    assert.deepEqual([formatHex(plain.publicKey), plain.salt.length], [KEY, 0])
    const salted = parsePublisherMagnet(`magnet:?xs=urn:btpk:${KEY.toUpperCase()}&s=6E`)
    assert.deepEqual([formatHex(salted.publicKey), formatHex(salted.salt)], [KEY, '6e'])
  })

  it('says where peers may be, as other links do', () => {
    const link = `magnet:?dn=news&tr=http%3A%2F%2Ft.example%2Fannounce&x.pe=192.0.2.1:6881&xs=urn%3Abtpk%3A${KEY}`
    const { name, trackers, peers, warnings } = parsePublisherMagnet(link)
    assert.deepEqual(
      { name, trackers, peers, warnings },
      {
        name: 'news',
        trackers: ['http://t.example/announce'],
        peers: [{ host: '192.0.2.1', port: 6881 }],
        warnings: [],
      },
    )
  })

  it('is written and read back', () => {
    const magnet = {
      publicKey: parseHex(KEY),
      salt: parseHex('00ff6e'),
      name: 'a & b',
      trackers: ['udp://t.example:80'],
      webSeeds: [],
      peers: [{ host: '2001:db8::1', port: 6881 }],
      warnings: [],
    }
    assert.deepEqual(parsePublisherMagnet(formatPublisherMagnet(magnet)), magnet)
    assert.equal(formatPublisherMagnet({ publicKey: parseHex(KEY) }), `magnet:?xs=urn:btpk:${KEY}`)
  })

  const bad: readonly (readonly [what: string, link: string, code: string])[] = [
    ['no link', KEY, 'magnet-invalid'],
    ['no key', `magnet:?xt=urn:btih:${KEY.slice(0, 40)}`, 'magnet-key-invalid'],
    ['a short key', `magnet:?xs=urn:btpk:${KEY.slice(2)}`, 'magnet-key-invalid'],
    ['a key that is not hex', `magnet:?xs=urn:btpk:${KEY.slice(1)}x`, 'magnet-key-invalid'],
    ['two keys', `magnet:?xs=urn:btpk:${KEY}&xs=urn:btpk:${'0'.repeat(64)}`, 'magnet-key-invalid'],
    ['half a byte of salt', `magnet:?xs=urn:btpk:${KEY}&s=6`, 'magnet-key-invalid'],
    ['65 bytes of salt', `magnet:?xs=urn:btpk:${KEY}&s=${'00'.repeat(65)}`, 'magnet-key-invalid'],
  ]
  for (const [what, link, code] of bad)
    it(`is refused with ${what}`, () => assert.throws(() => parsePublisherMagnet(link), { code }))

  it('may have 64 bytes of salt', () => {
    assert.equal(parsePublisherMagnet(`magnet:?xs=urn:btpk:${KEY}&s=${'00'.repeat(64)}`).salt.length, 64)
  })
})
