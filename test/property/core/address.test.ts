import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { it } from 'node:test'
import fc from 'fast-check'
import {
  address,
  decodeCompact,
  encodeCompact,
  formatAddress,
  parseAddress,
} from '../../../src/core/address.ts'
import { hostBytes, hostFromBytes, isHost } from '../../../src/core/ip.ts'
import { scopeOf } from '../../../src/core/scope.ts'

const host = fc.oneof(fc.ipV4(), fc.ipV6())
const port = fc.nat(65535)

it('every address survives text and compact form', () => {
  fc.assert(
    fc.property(host, port, (text, number) => {
      const there = address(text, number)
      assert.deepEqual(parseAddress(formatAddress(there)), there)
      assert.deepEqual(decodeCompact(encodeCompact(there), 0, there.family), there)
      assert.equal(address(there.host, number).host, there.host)
      scopeOf(text)
    }),
  )
})

it('all bytes are a host, and its text reads back as them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes => {
      const text = hostFromBytes(bytes)
      assert.equal(hostFromBytes(hostBytes(text)), text)
      assert.equal(isIP(text), text.includes(':') ? 6 : 4)
    }),
  )
})

it('isHost agrees with the system on any text without a zone', () => {
  const text = fc.oneof(host, fc.string({ unit: fc.constantFrom(...'0123456789abcf:.'), maxLength: 24 }))
  fc.assert(fc.property(text, value => assert.equal(isHost(value), isIP(value) !== 0, value)))
})
