import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { concatBytes, latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import {
  decodeAnnouncement,
  encodeAnnouncement,
  infoHashesThatFit,
  LSD_GROUPS,
} from '../../../src/lsd/announcement.ts'

const ONE = Uint8Array.from({ length: 20 }, (_, i) => i)
const OTHER = new Uint8Array(20).fill(0xab)
const HEX = '000102030405060708090a0b0c0d0e0f10111213'

function decode(...lines: string[]) {
  return decodeAnnouncement(latin1Bytes(lines.join('\r\n')))
}

suite('announces to the local network', () => {
  it('are written as in BEP 14', () => {
    const [v4, v6] = LSD_GROUPS
    assert.equal(
      latin1Text(encodeAnnouncement(v4!, { port: 6881, infoHashes: [ONE, OTHER], cookie: 'c00c' })),
      'BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n' +
        `Infohash: ${HEX}\r\nInfohash: ${'ab'.repeat(20)}\r\ncookie: c00c\r\n\r\n\r\n`,
    )
    assert.match(
      latin1Text(encodeAnnouncement(v6!, { port: 6881, infoHashes: [ONE], cookie: null })),
      /\r\nHost: \[ff15::efc0:988f\]:6771\r\n.*\r\n\r\n\r\n$/s,
    )
  })

  it('are read back', () => {
    for (const group of LSD_GROUPS)
      for (const cookie of ['x', null]) {
        const said = { port: 65_535, infoHashes: [ONE, OTHER], cookie }
        assert.deepEqual(decodeAnnouncement(encodeAnnouncement(group, said)), said)
      }
  })

  it('fit into a datagram, and one more info-hash would not', () => {
    const most = infoHashesThatFit('0123456789abcdef')
    const lengthOf = (count: number) =>
      encodeAnnouncement(LSD_GROUPS[1]!, {
        port: 65_535,
        infoHashes: Array.from({ length: count }, () => ONE),
        cookie: '0123456789abcdef',
      }).length
    assert.ok(most > 20 && lengthOf(most) <= 1400 && lengthOf(most + 1) > 1400, String(most))
  })

  it('are read in any case and order, with lines that nobody knows, and with HTTP/1.0', () => {
    assert.deepEqual(
      decode(
        'BT-SEARCH * HTTP/1.0',
        'COOKIE:a b ',
        'X-More: 1',
        'nonsense',
        `infohash:${HEX.toUpperCase()}`,
        'PORT:7',
        '',
      ),
      { port: 7, infoHashes: [ONE], cookie: 'a b' },
    )
  })

  it('end where the empty line is', () => {
    const said = decode('BT-SEARCH * HTTP/1.1', 'Port: 7', `Infohash: ${HEX}`, '', `Infohash: ${HEX}`)
    assert.equal(said?.infoHashes.length, 1)
  })

  const hash = `Infohash: ${HEX}`
  for (const [what, lines] of Object.entries({
    'nothing at all': [''],
    'another request': ['GET * HTTP/1.1', 'Port: 7', hash],
    'an SSDP search': ['M-SEARCH * HTTP/1.1', 'Port: 7', hash],
    'no port': ['BT-SEARCH * HTTP/1.1', hash],
    'port 0': ['BT-SEARCH * HTTP/1.1', 'Port: 0', hash],
    'port 65536': ['BT-SEARCH * HTTP/1.1', 'Port: 65536', hash],
    'a negative port': ['BT-SEARCH * HTTP/1.1', 'Port: -1', hash],
    'a port in hexadecimal': ['BT-SEARCH * HTTP/1.1', 'Port: 0x50', hash],
    'no torrent': ['BT-SEARCH * HTTP/1.1', 'Port: 7'],
    'a hash that is too short': ['BT-SEARCH * HTTP/1.1', 'Port: 7', hash.slice(0, -1)],
    'a hash that is too long': ['BT-SEARCH * HTTP/1.1', 'Port: 7', `${hash}0`],
    'a hash that is not hexadecimal': ['BT-SEARCH * HTTP/1.1', 'Port: 7', hash.replace('0', 'g')],
  })) {
    it(`are none: ${what}`, () => assert.equal(decode(...lines), null))
  }

  it('have 64 info-hashes at the most, and 4096 bytes', () => {
    const many = (count: number, more = '') =>
      decode('BT-SEARCH * HTTP/1.1', 'Port: 7', ...Array.from({ length: count }, () => hash), more)
    for (const [told, read] of [
      [63, 63],
      [64, 64],
      [65, 64],
    ] as const) {
      assert.equal(many(told)?.infoHashes.length, read)
    }
    const start = latin1Bytes(`BT-SEARCH * HTTP/1.1\r\nPort: 7\r\n${hash}\r\n\r\n`)
    const padded = (length: number) =>
      decodeAnnouncement(concatBytes([start, new Uint8Array(length - start.length)]))
    assert.ok(padded(4096) && padded(4097) === null)
  })
})
