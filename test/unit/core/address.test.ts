import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  address,
  decodeCompact,
  encodeCompact,
  formatAddress,
  isEverywhere,
  parseAddress,
  sameAddress,
} from '../../../src/core/address.ts'
import { formatHex, parseHex } from '../../../src/core/bytes.ts'

const invalid = { name: 'FormatError', code: 'address-invalid' }

describe('address', () => {
  it('knows its family and writes the host canonically', () => {
    assert.deepEqual(address('192.0.2.1', 80), { host: '192.0.2.1', port: 80, family: 4 })
    assert.deepEqual(address('2001:DB8:0:0:0:0:0:1', 80), { host: '2001:db8::1', port: 80, family: 6 })
  })

  it('turns a mapped IPv4 address into IPv4', () => {
    assert.deepEqual(address('::ffff:192.0.2.1', 6881), { host: '192.0.2.1', port: 6881, family: 4 })
    assert.deepEqual(address('::ffff:c000:201', 6881), { host: '192.0.2.1', port: 6881, family: 4 })
  })

  it('refuses names and ports that do not exist', () => {
    assert.throws(() => address('localhost', 80), invalid)
    for (const port of [-1, 65536, 1.5, Number.NaN]) assert.throws(() => address('192.0.2.1', port), invalid)
    assert.equal(address('192.0.2.1', 0).port, 0)
    assert.equal(address('192.0.2.1', 65535).port, 65535)
  })
})

describe('parseAddress', () => {
  it('reads what formatAddress writes', () => {
    for (const text of ['192.0.2.1:80', '[2001:db8::1]:6881', '[::]:0']) {
      assert.equal(formatAddress(parseAddress(text)), text)
    }
  })

  it('adds the default port where none is given', () => {
    assert.equal(formatAddress(parseAddress('192.0.2.1', 6881)), '192.0.2.1:6881')
    assert.equal(formatAddress(parseAddress('[::1]', 6881)), '[::1]:6881')
    assert.equal(formatAddress(parseAddress('2001:db8::1', 6881)), '[2001:db8::1]:6881')
    assert.equal(formatAddress(parseAddress('[::1]:80', 6881)), '[::1]:80')
  })

  it('refuses everything else', () => {
    const texts = [
      '',
      ':80',
      '192.0.2.1',
      '192.0.2.1:',
      '192.0.2.1:x',
      '192.0.2.1:-1',
      '192.0.2.1:65536',
      '[::1]',
    ]
    texts.push('[::1]80', '[::1', '::1]:80', '[192.0.2.1]:80', 'host:80', '192.0.2.1:80:80', ' 192.0.2.1:80')
    for (const text of texts) assert.throws(() => parseAddress(text), invalid, text)
  })
})

describe('compact addresses', () => {
  it('are 6 bytes for IPv4 and 18 for IPv6', () => {
    assert.equal(formatHex(encodeCompact(address('192.0.2.1', 6881))), 'c00002011ae1')
    assert.equal(
      formatHex(encodeCompact(address('2001:db8::1', 6881))),
      '20010db80000000000000000000000011ae1',
    )
  })

  it('are read from any place', () => {
    const bytes = parseHex('ffffc00002011ae120010db80000000000000000000000011ae1')
    assert.equal(formatAddress(decodeCompact(bytes, 2, 4)), '192.0.2.1:6881')
    assert.equal(formatAddress(decodeCompact(bytes, 8, 6)), '[2001:db8::1]:6881')
  })

  it('that carry a mapped IPv4 address are IPv4', () => {
    const bytes = parseHex('00000000000000000000ffffc00002011ae1')
    assert.deepEqual(decodeCompact(bytes, 0, 6), address('192.0.2.1', 6881))
  })

  it('that end too early are refused', () => {
    assert.throws(() => decodeCompact(new Uint8Array(6), 1, 4), { ...invalid, offset: 1 })
    assert.throws(() => decodeCompact(new Uint8Array(17), 0, 6), invalid)
  })
})

it('sameAddress compares host and port', () => {
  assert.ok(sameAddress(address('::ffff:192.0.2.1', 80), address('192.0.2.1', 80)))
  assert.ok(!sameAddress(address('192.0.2.1', 80), address('192.0.2.1', 81)))
  assert.ok(!sameAddress(address('192.0.2.1', 80), address('192.0.2.2', 80)))
})

describe('isEverywhere', () => {
  it('knows what stands for all addresses of a machine', () => {
    for (const host of ['0.0.0.0', '::']) assert.ok(isEverywhere(address(host, 80)), host)
    for (const host of ['0.0.0.1', '::1', '255.255.255.255'])
      assert.ok(!isEverywhere(address(host, 80)), host)
  })
})
