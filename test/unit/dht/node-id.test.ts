import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatHex, parseHex } from '../../../src/core/bytes.ts'
import { commonBits, compareDistance, idInBucket, isSecureId, secureIdFor } from '../../../src/dht/node-id.ts'
import { seededDice } from '../../support/seeded-dice.ts'

const dice = seededDice(1)
const secrets = { bytes: (length: number) => Uint8Array.from({ length }, () => dice.below(256)) }

function id(start: string): Uint8Array {
  return parseHex(start.padEnd(40, '0'))
}

describe('distance', () => {
  it('is XOR, the first bits first', () => {
    const target = id('f0')
    assert.ok(compareDistance(target, id('f1'), id('f2')) < 0)
    assert.ok(compareDistance(target, id('00'), id('e0')) > 0)
    assert.equal(compareDistance(target, id('12'), id('12')), 0)
  })

  it('is also told by the bits in common', () => {
    assert.equal(commonBits(id('ff'), id('7f')), 0)
    assert.equal(commonBits(id('ff00'), id('ff01')), 15)
    assert.equal(commonBits(id('ab'), id('ab')), 160)
  })

  it('of an id for a bucket is what was asked for', () => {
    for (const bits of [0, 1, 7, 8, 20, 158, 159]) {
      const ours = secrets.bytes(20)
      assert.equal(commonBits(ours, idInBucket(ours, bits, dice)), bits)
    }
  })
})

describe('an id that an address may have (BEP 42)', () => {
  const vectors = [
    ['124.31.75.21', 1, '5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401'],
    ['21.75.31.124', 86, '5a3ce9c14e7a08645677bbd1cfe7d8f956d53256'],
    ['65.23.51.170', 22, 'a5d43220bc8f112a3d426c84764f8c2a1150e616'],
    ['84.124.73.14', 65, '1b0321dd1bb1fe518101ceef99462b947a01ff41'],
    ['43.213.53.83', 90, 'e56f6cbf5b7c4be0237986d5243b87aa6d51305a'],
  ] as const
  for (const [host, seed, example] of vectors) {
    it(`is as in the BEP: ${host}, ${seed}`, () => {
      assert.ok(isSecureId(parseHex(example), host))
      const made = secureIdFor(host, secrets, seed)
      // 21 bits come from the address, the last byte is the seed.
      assert.equal(formatHex(made).slice(0, 5), example.slice(0, 5))
      assert.equal(made[2]! & 0xf8, parseHex(example)[2]! & 0xf8)
      assert.equal(made[19], seed)
      assert.ok(isSecureId(made, host))
    })
  }

  it('is not that of another address', () => {
    assert.equal(isSecureId(parseHex(vectors[0][2]), '124.31.75.22'), false)
    assert.equal(isSecureId(secureIdFor('2001:db8::1', secrets), '2001:db9::1'), false)
    assert.ok(isSecureId(secureIdFor('2001:db8::1', secrets), '2001:db8::1'))
  })

  it('may be any where only we or our network reach', () => {
    for (const host of ['127.0.0.1', '10.0.0.1', '192.168.1.1', 'fe80::1', 'fd00::1'])
      assert.ok(isSecureId(id('00'), host), host)
  })
})
