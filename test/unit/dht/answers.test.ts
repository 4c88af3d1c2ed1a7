import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asBytes, asDict, asInteger, asList } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode, RawBencode } from '../../../src/bencode/encode.ts'
import { type Address, address, type Family } from '../../../src/core/address.ts'
import { latin1Bytes, NO_BYTES } from '../../../src/core/bytes.ts'
import { Answers } from '../../../src/dht/answers.ts'
import { decodeContacts } from '../../../src/dht/contact.ts'
import { type MutableItem, mutableTarget, signedBytes } from '../../../src/dht/item.ts'
import { decodeKrpc } from '../../../src/dht/krpc.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'
import { nodeSignatures } from '../../../src/net/node-signatures.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { seededDice } from '../../support/seeded-dice.ts'

const OURS = new Uint8Array(20).fill(9)
const THEIRS = new Uint8Array(20).fill(8)
const HASH = new Uint8Array(20).fill(7)
const ASKER = address('203.0.113.1', 6881)

class Bench {
  readonly answers: Answers
  now = 0
  isKnown = true

  constructor() {
    const dice = seededDice(1)
    this.answers = new Answers({
      family: 4,
      dice,
      secrets: { bytes: length => Uint8Array.from({ length }, () => dice.below(256)) },
      digest: testDigest,
      signatures: nodeSignatures,
      now: 0,
      closest: (_, family: Family) =>
        Array.from({ length: 8 }, (_each, i) => ({
          id: new Uint8Array(20).fill(i),
          address: family === 4 ? address(`198.51.100.${i}`, 1) : address(`2001:db8::${i}`, 1),
        })),
    })
  }

  /** What is said to a question, and how long question and answer are. */
  ask(method: string, args: Record<string, Encodable | undefined>, from: Address = ASKER) {
    const question = encodeBencode({ a: { id: THEIRS, ...args }, q: method, t: 'aa', y: 'q' })
    const query = decodeKrpc(question)
    assert.ok(query?.type === 'query')
    const { now, isKnown } = this
    const answer = this.answers.answer(query, OURS, { from, length: question.length, isKnown, now })
    assert.ok(answer, 'it is answered')
    const said = asDict(decodeBencode(answer))!
    const error = asList(said.get('e'))
    return {
      values: asDict(said.get('r')),
      code: error ? asInteger(error[0]) : null,
      growth: answer.length / question.length,
      length: answer.length,
    }
  }

  token(method: 'get' | 'get_peers', target: Uint8Array, from = ASKER): Uint8Array {
    const { values } = this.ask(method, method === 'get' ? { target } : { info_hash: target }, from)
    return asBytes(values?.get('token'))!
  }

  announce(args: Record<string, Encodable>, from = ASKER) {
    const token = this.token('get_peers', HASH, from)
    return this.ask('announce_peer', { info_hash: HASH, token, port: 7000, ...args }, from)
  }

  /** The peers that are told. */
  peers(args: Record<string, Encodable> = {}, from = ASKER): number {
    return (
      asList(this.ask('get_peers', { info_hash: HASH, ...args }, from).values?.get('values'))?.length ?? 0
    )
  }
}

describe('a node that is asked', () => {
  it('says who it is', () => {
    assert.deepEqual(asBytes(new Bench().ask('ping', {}).values?.get('id')), OURS)
  })

  it('names the nearest nodes, of its family or of those that are wanted', () => {
    const bench = new Bench()
    const { values } = bench.ask('find_node', { target: HASH })
    assert.equal(decodeContacts(asBytes(values?.get('nodes'))!, 4, 99).length, 8)
    assert.equal(values?.has('nodes6'), false)
    const both = bench.ask('find_node', { target: HASH, want: ['n4', 'n6'] })
    assert.equal(decodeContacts(asBytes(both.values?.get('nodes6'))!, 6, 99).length, 8)
    const six = bench.ask('find_node', { target: HASH, want: ['n6'] })
    assert.equal(six.values?.has('nodes'), false)
  })

  it('refuses what lacks something, and what it does not know', () => {
    const bench = new Bench()
    for (const method of ['find_node', 'get_peers', 'announce_peer', 'get', 'sample_infohashes'])
      assert.equal(bench.ask(method, { target: 'short', info_hash: 5 }).code, 203, method)
    assert.equal(bench.ask('put', {}).code, 203)
    assert.equal(bench.ask('dance', {}).code, 204)
    assert.ok(bench.ask('dance', { target: HASH }).values?.has('nodes'), 'a question of the future')
  })

  it('says little more than it was asked to who was never seen to be there', () => {
    const bench = new Bench()
    bench.announce({})
    bench.isKnown = false
    for (const [method, args] of [
      ['find_node', { target: HASH, want: ['n4', 'n6'] }],
      ['get_peers', { info_hash: HASH, scrape: 1 }],
      ['sample_infohashes', { target: HASH }],
      ['get', { target: HASH }],
    ] as const)
      assert.ok(bench.ask(method, args).growth <= DHT_LIMITS.amplification, method)
  })

  it('never says more than fits into a datagram', () => {
    const bench = new Bench()
    for (let i = 0; i < 300; i++) bench.announce({}, address(`20.0.${i >> 8}.${i & 255}`, 2000))
    const { length, values } = bench.ask('get_peers', { info_hash: HASH, want: ['n4', 'n6'], scrape: 1 })
    assert.ok(length <= DHT_LIMITS.answerLength)
    assert.ok(values!.has('token'))
  })
})

describe('peers', () => {
  it('are kept with the right token, and told', () => {
    const bench = new Bench()
    assert.equal(bench.peers(), 0)
    assert.equal(bench.announce({}).code, null)
    assert.equal(bench.peers(), 1)
  })

  it('are not kept with a token of another, a wrong port, or none', () => {
    const bench = new Bench()
    const token = bench.token('get_peers', HASH, address('203.0.113.2', 1))
    assert.equal(bench.announce({ token }).code, 203)
    for (const port of [0, -1, 65_536, 'x']) assert.equal(bench.announce({ port }).code, 203)
    assert.equal(bench.ask('announce_peer', { info_hash: HASH, port: 1 }).code, 203)
    assert.equal(bench.peers(), 0)
  })

  it('may be where the question comes from', () => {
    const bench = new Bench()
    bench.announce({ implied_port: 1, port: 'x' })
    const [peer] = asList(bench.ask('get_peers', { info_hash: HASH }).values?.get('values'))!
    assert.deepEqual(peer, Uint8Array.of(203, 0, 113, 1, 0x1a, 0xe1))
  })

  it('that are seeds are marked, left out and counted', () => {
    const bench = new Bench()
    bench.announce({ seed: 1 })
    assert.equal(bench.peers({ noseed: 1 }), 0)
    const { values } = bench.ask('get_peers', { info_hash: HASH, scrape: 1 })
    assert.equal(asBytes(values?.get('BFsd'))?.length, 256)
    assert.equal(bench.ask('get_peers', { info_hash: HASH }).values?.has('BFsd'), false)
  })

  it('of too many info-hashes are refused', () => {
    const bench = new Bench()
    const codes = Array.from({ length: DHT_LIMITS.swarmsPerSource + 1 }, (_, i) => {
      const hash = new Uint8Array(20).fill(100 + i)
      const token = bench.token('get_peers', hash)
      return bench.ask('announce_peer', { info_hash: hash, token, port: 1 }).code
    })
    assert.deepEqual([codes.at(-2), codes.at(-1)], [null, 202])
  })
})

describe('samples (BEP 51)', () => {
  it('are the same for hours, and always there', () => {
    const bench = new Bench()
    const empty = bench.ask('sample_infohashes', { target: HASH }).values
    assert.deepEqual([asBytes(empty?.get('samples'))?.length, asInteger(empty?.get('num'))], [0, 0])
    bench.announce({})
    const first = bench.ask('sample_infohashes', { target: HASH }).values
    assert.deepEqual(asBytes(first?.get('samples')), HASH)
    assert.equal(asInteger(first?.get('interval')), 21_600)
    const other = new Uint8Array(20).fill(99)
    bench.ask('announce_peer', { info_hash: other, token: bench.token('get_peers', other), port: 1 })
    bench.now = 3_600_000
    const later = bench.ask('sample_infohashes', { target: HASH }).values
    assert.deepEqual(
      [asBytes(later?.get('samples')), asInteger(later?.get('interval')), asInteger(later?.get('num'))],
      [HASH, 18_000, 2],
    )
  })
})

describe('items (BEP 44)', () => {
  const secretKey = new Uint8Array(32).fill(5)
  const publicKey = nodeSignatures.publicKeyOf(secretKey)
  const newItem = (sequence: number, text = 'a', salt = NO_BYTES): MutableItem => {
    const value = encodeBencode(text)
    const signature = nodeSignatures.sign(signedBytes({ value, salt, sequence }), secretKey)
    return { value, salt, sequence, signature, publicKey }
  }
  const put = (bench: Bench, item: MutableItem, more: Record<string, Encodable | undefined> = {}) => {
    const token = bench.token('get', mutableTarget(item, testDigest))
    const { value, salt, sequence, signature } = item
    const fields = { v: new RawBencode(value), k: publicKey, sig: signature, seq: sequence, token }
    return bench.ask('put', { ...fields, ...(salt.length > 0 ? { salt } : {}), ...more }).code
  }

  it('that never change are kept under their own hash', () => {
    const bench = new Bench()
    const value = encodeBencode('hello')
    const target = testDigest.sha1(value)
    const token = bench.token('get', target)
    assert.equal(bench.ask('put', { v: new RawBencode(value), token: 'wrong' }).code, 203)
    assert.equal(bench.ask('put', { v: new RawBencode(value), token }).code, null)
    assert.deepEqual(asBytes(bench.ask('get', { target }).values?.get('v')), latin1Bytes('hello'))
  })

  it('that change are kept for their owner', () => {
    const bench = new Bench()
    assert.equal(put(bench, newItem(1)), null)
    const target = mutableTarget(newItem(1), testDigest)
    const { values } = bench.ask('get', { target })
    assert.deepEqual(asBytes(values?.get('k')), publicKey)
    assert.deepEqual(asBytes(values?.get('sig')), newItem(1).signature)
    assert.equal(asInteger(values?.get('seq')), 1)
    const known = bench.ask('get', { target, seq: 1 }).values
    assert.deepEqual([known?.has('v'), asInteger(known?.get('seq'))], [false, 1])
  })

  it('are refused where they are forged, old, too large, or another came between', () => {
    const bench = new Bench()
    assert.equal(put(bench, { ...newItem(1), sequence: 2 }), 206)
    assert.equal(put(bench, newItem(5)), null)
    assert.equal(put(bench, newItem(4)), 302)
    assert.equal(put(bench, newItem(5, 'b')), 302)
    assert.equal(put(bench, newItem(6), { cas: 4 }), 301)
    assert.equal(put(bench, newItem(6), { cas: 5 }), null)
    assert.equal(put(bench, newItem(7, 'x'.repeat(1000))), 205)
    assert.equal(put(bench, newItem(7), { salt: new Uint8Array(65) }), 207)
    assert.equal(put(bench, newItem(7), { k: 'short' }), 203)
  })
})
