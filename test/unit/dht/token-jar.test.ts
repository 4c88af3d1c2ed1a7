import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { DHT_DEFAULTS } from '../../../src/dht/options.ts'
import { TokenJar } from '../../../src/dht/token-jar.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { seededDice } from '../../support/seeded-dice.ts'

const TARGET = new Uint8Array(20).fill(1)
const OTHER = new Uint8Array(20).fill(2)
const LIFETIME = DHT_DEFAULTS.tokenLifetime

function newJar(seed = 1): TokenJar {
  const dice = seededDice(seed)
  const secrets = { bytes: (length: number) => Uint8Array.from({ length }, () => dice.below(256)) }
  return new TokenJar({ secrets, digest: testDigest, now: 0 })
}

suite('a token', () => {
  it('holds for its address and target, and no other', () => {
    const jar = newJar()
    const token = jar.tokenFor('203.0.113.1', TARGET, 0)
    assert.equal(token.length, 8)
    assert.ok(jar.isGood(token, '203.0.113.1', TARGET, 0))
    assert.ok(!jar.isGood(token, '203.0.113.2', TARGET, 0))
    assert.ok(!jar.isGood(token, '203.0.113.1', OTHER, 0))
    assert.ok(!jar.isGood(token.subarray(1), '203.0.113.1', TARGET, 0))
    assert.ok(!newJar(2).isGood(token, '203.0.113.1', TARGET, 0))
  })

  it('holds while its secret or the next is in use, and no longer', () => {
    const jar = newJar()
    const token = jar.tokenFor('203.0.113.1', TARGET, LIFETIME - 1)
    assert.ok(jar.isGood(token, '203.0.113.1', TARGET, LIFETIME))
    assert.ok(jar.isGood(token, '203.0.113.1', TARGET, 2 * LIFETIME - 1))
    assert.ok(!jar.isGood(token, '203.0.113.1', TARGET, 2 * LIFETIME))
  })

  it('is old after a long silence', () => {
    const jar = newJar()
    const token = jar.tokenFor('203.0.113.1', TARGET, 0)
    assert.ok(!jar.isGood(token, '203.0.113.1', TARGET, 10 * LIFETIME))
  })
})
