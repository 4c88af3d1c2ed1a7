import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { asDict } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode } from '../../../src/bencode/encode.ts'
import { address, encodeCompact, formatAddress } from '../../../src/core/address.ts'
import { BloomFilter } from '../../../src/dht/bloom-filter.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'
import { PeerFindings } from '../../../src/dht/peer-search.ts'
import { testDigest } from '../../support/hash-plan.ts'

function answer(fields: Record<string, Encodable>) {
  return asDict(decodeBencode(encodeBencode(fields)))!
}

function peers(...texts: readonly [string, number][]): Uint8Array[] {
  return texts.map(([host, port]) => encodeCompact(address(host, port)))
}

function read(findings: PeerFindings, values: readonly Encodable[]): string[] {
  return findings.read(answer({ values })).map(formatAddress)
}

suite('what nodes say of peers', () => {
  it('is new once', () => {
    const findings = new PeerFindings(4)
    assert.deepEqual(read(findings, peers(['192.0.2.1', 1], ['192.0.2.2', 2])), [
      '192.0.2.1:1',
      '192.0.2.2:2',
    ])
    assert.deepEqual(read(findings, peers(['192.0.2.2', 2], ['192.0.2.3', 3])), ['192.0.2.3:3'])
  })

  it('is left out where it makes no sense, or is of the other family', () => {
    const findings = new PeerFindings(4)
    const odd = [
      5,
      [],
      '',
      new Uint8Array(5),
      ...peers(['192.0.2.1', 0], ['2001:db8::1', 1], ['192.0.2.9', 9]),
    ]
    assert.deepEqual(read(findings, odd), ['192.0.2.9:9'])
    assert.deepEqual(findings.read(answer({ values: 'x' })), [])
  })

  it('is bounded, in one answer and in all', () => {
    const findings = new PeerFindings(4)
    let total = 0
    for (let i = 0; i < 20; i++) {
      const many = Array.from({ length: 300 }, (_, port) => encodeCompact(address(`192.0.2.${i}`, port + 1)))
      const found = read(findings, many).length
      assert.ok(found <= DHT_LIMITS.answerPeers)
      total += found
    }
    assert.equal(total, DHT_LIMITS.lookupPeers)
  })

  it('is counted over all answers', () => {
    const findings = new PeerFindings(4)
    assert.equal(findings.counts, null)
    const filter = (from: number, to: number): Uint8Array => {
      const made = new BloomFilter()
      for (let i = from; i < to; i++) made.add(`192.0.2.${i}`, testDigest)
      return made.bytes
    }
    findings.read(answer({ BFsd: filter(0, 10), BFpe: filter(0, 0) }))
    findings.read(answer({ BFsd: filter(5, 15), BFpe: filter(0, 4) }))
    findings.read(answer({ BFsd: 'short', BFpe: filter(0, 100) }))
    assert.deepEqual(findings.counts, { seeds: 15, peers: 4 })
  })
})
