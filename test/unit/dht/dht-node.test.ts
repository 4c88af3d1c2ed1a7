import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asBytes, asDict, asText, type BencodeDict } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode } from '../../../src/bencode/encode.ts'
import { type Address, address, formatAddress } from '../../../src/core/address.ts'
import { latin1Bytes } from '../../../src/core/bytes.ts'
import { encodeContacts } from '../../../src/dht/contact.ts'
import { DhtNode, type DhtNodeOptions } from '../../../src/dht/dht-node.ts'
import { encodeResponse } from '../../../src/dht/krpc.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'
import { isSecureId, secureIdFor } from '../../../src/dht/node-id.ts'
import { DHT_DEFAULTS } from '../../../src/dht/options.ts'
import { nodeSignatures } from '../../../src/net/node-signatures.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { seededDice } from '../../support/seeded-dice.ts'

const A = address('203.0.113.1', 6881)
const ID = new Uint8Array(20).fill(3)

interface Sent {
  readonly to: Address
  readonly message: BencodeDict
}

class Bench {
  now = 0
  readonly sent: Sent[] = []
  readonly node: DhtNode
  readonly secrets
  /** The id of each host. */
  readonly #ids = new Map<string, Uint8Array>()

  constructor(options: Partial<DhtNodeOptions> = {}) {
    const dice = seededDice(1)
    this.secrets = { bytes: (length: number) => Uint8Array.from({ length }, () => dice.below(256)) }
    this.node = new DhtNode({
      family: 4,
      dice,
      secrets: this.secrets,
      digest: testDigest,
      signatures: nodeSignatures,
      send: (datagram, to) => this.sent.push({ to, message: asDict(decodeBencode(datagram))! }),
      now: 0,
      ...options,
    })
  }

  query(
    method: string,
    args: Record<string, Encodable> = {},
    from = A,
    more: Record<string, Encodable> = {},
  ): boolean {
    const datagram = encodeBencode({ a: { id: ID, ...args }, q: method, t: 'aa', y: 'q', ...more })
    return this.node.received(datagram, from, this.now)
  }

  /** Answers a question that was sent. */
  answer(
    { to, message }: Sent,
    values: Record<string, Encodable> = {},
    seenAt = address('198.51.100.9', 1),
  ): void {
    const transaction = asBytes(message.get('t'))!
    const id = this.#ids.get(to.host) ?? secureIdFor(to.host, this.secrets, 1)
    this.#ids.set(to.host, id)
    const datagram = encodeResponse({ transaction, values: { id, ...values }, to: seenAt })
    this.node.received(datagram, to, this.now)
  }

  /** What was sent since the last call: questions by their method, answers as `r` and `e`. */
  said(): string[] {
    return this.sent
      .splice(0)
      .map(({ message }) => asText(message.get('q')) ?? asText(message.get('y')) ?? '?')
  }

  passTo(at: number): void {
    for (let next = this.node.deadline(); next <= at; next = this.node.deadline()) {
      this.now = Math.max(this.now, next)
      this.node.tick(this.now)
    }
    this.now = at
  }
}

describe('a node', () => {
  it('answers, and asks back before it believes that somebody is there', () => {
    const bench = new Bench()
    assert.ok(bench.query('ping'))
    assert.deepEqual(
      bench.sent.map(({ to }) => formatAddress(to)),
      [formatAddress(A), formatAddress(A)],
    )
    assert.equal(bench.node.size, 0)
    const [, ping] = bench.sent
    bench.answer(ping!)
    assert.equal(bench.node.size, 1)
    bench.sent.length = 0
    bench.query('ping')
    assert.deepEqual(bench.said(), ['r'])
  })

  it('does not ask back who says that he answers nobody (BEP 43)', () => {
    const bench = new Bench()
    bench.query('ping', {}, A, { ro: 1 })
    assert.deepEqual(bench.said(), ['r'])
  })

  it('that is read-only says so, and answers nobody', () => {
    const bench = new Bench({ isReadOnly: true })
    bench.query('ping')
    assert.deepEqual(bench.said(), [])
    bench.node.heardOf(A, 0)
    assert.equal(bench.sent[0]?.message.get('ro'), 1)
  })

  it('writes to nobody whose address was forged to be a service, or no place at all', () => {
    const bench = new Bench()
    for (const at of [
      address('203.0.113.1', 53),
      address('203.0.113.1', 0),
      address('0.0.0.0', 6881),
      address('224.0.0.1', 6881),
    ]) {
      bench.query('ping', {}, at)
      bench.node.heardOf(at, 0)
    }
    assert.equal(bench.query('ping', {}, address('2001:db8::1', 6881)), false)
    assert.deepEqual(bench.said(), [])
  })

  it('does not talk to itself', () => {
    const bench = new Bench({ id: ID })
    bench.query('ping')
    assert.deepEqual(bench.said(), [])
  })

  it('refuses what is broken, and drops what is none of its', () => {
    const bench = new Bench()
    assert.ok(bench.node.received(latin1Bytes('d1:q4:ping1:t2:aa1:y1:qe'), A, 0))
    assert.deepEqual(bench.said(), ['e'])
    assert.equal(bench.node.received(latin1Bytes('de'), A, 0), false)
    assert.equal(bench.node.received(new Uint8Array(0), A, 0), false)
    bench.node.received(encodeBencode({ r: { id: ID }, t: 'zz', y: 'r' }), A, 0)
    assert.equal(bench.node.size, 0, 'nobody asked')
  })

  it('falls silent towards who asks too much', () => {
    const bench = new Bench()
    for (let i = 0; i < DHT_LIMITS.questionBurst + 20; i++) bench.query('ping', {}, A, { ro: 1 })
    assert.equal(bench.said().length, DHT_LIMITS.questionBurst)
  })
})

describe('a node that knows nobody', () => {
  it('asks its routers, for its neighbours, again and again', () => {
    const bench = new Bench()
    bench.node.setRouters([A], 0)
    bench.passTo(0)
    assert.deepEqual(bench.said(), ['find_node'])
    bench.passTo(10 * 60_000)
    assert.ok(bench.said().length >= 3)
  })

  it('goes on from what they name, and has bootstrapped then', () => {
    const bench = new Bench()
    bench.node.setRouters([A], 0)
    bench.passTo(0)
    const other = address('20.1.2.3', 6881)
    const nodes = encodeContacts([{ id: secureIdFor(other.host, bench.secrets, 1), address: other }])
    bench.answer(bench.sent.pop()!, { nodes })
    const next = bench.sent.pop()!
    assert.equal(formatAddress(next.to), formatAddress(other))
    assert.equal(bench.node.hasBootstrapped, false)
    bench.answer(next)
    assert.equal(bench.node.hasBootstrapped, true)
  })

  it('without a router stays silent until it hears of somebody', () => {
    const bench = new Bench()
    bench.passTo(60_000)
    assert.deepEqual(bench.said(), [])
    bench.node.heardOf(A, bench.now)
    assert.deepEqual(bench.said(), ['ping'])
  })
})

describe('a node that knows others', () => {
  function knowing(count: number, options: Partial<DhtNodeOptions> = {}): Bench {
    const bench = new Bench(options)
    for (let i = 0; i < count; i++) {
      bench.node.heardOf(address(`${20 + i}.0.0.1`, 6881), 0)
      bench.answer(bench.sent.pop()!)
    }
    bench.sent.length = 0
    return bench
  }

  it('asks who was silent for long, and forgets who does not answer', () => {
    const bench = knowing(1)
    bench.passTo(DHT_DEFAULTS.questionableAfter + DHT_DEFAULTS.pingInterval)
    assert.ok(bench.said().includes('ping'))
    bench.passTo(bench.now + 10 * 60_000)
    assert.equal(bench.node.size, 0)
  })

  it('finds peers, hands them on once, and tells the nearest that we are here', () => {
    const bench = knowing(2)
    const found: string[] = []
    const outcomes: number[] = []
    bench.node.findPeers(
      {
        infoHash: ID,
        announce: { port: 7000, isPortImplied: true, isSeed: true },
        found: peers => found.push(...peers.map(formatAddress)),
        done: ({ announced }) => outcomes.push(announced),
      },
      0,
    )
    const questions = bench.sent.splice(0)
    assert.deepEqual(
      questions.map(({ message }) => asText(message.get('q'))),
      ['get_peers', 'get_peers'],
    )
    const values = [Uint8Array.of(192, 0, 2, 7, 0, 80)]
    for (const question of questions) bench.answer(question, { values, token: 'tok' })
    assert.deepEqual(found, ['192.0.2.7:80'])
    assert.deepEqual(outcomes, [2])
    const announce = asDict(bench.sent[0]!.message.get('a'))!
    assert.deepEqual(
      ['port', 'implied_port', 'seed'].map(key => announce.get(key)),
      [7000, 1, 1],
    )
    assert.deepEqual(bench.said(), ['announce_peer', 'announce_peer'])
  })

  it('puts items where there is a token for it, and says how many took them', () => {
    const bench = knowing(2)
    const item = { value: encodeBencode('x') }
    const target = testDigest.sha1(item.value)
    let stored = -1
    bench.node.findItem(
      {
        target,
        salt: new Uint8Array(0),
        done: (found, { closest }, now) => {
          assert.equal(found, null)
          bench.node.putItem({ item, at: closest, done: count => (stored = count) }, now)
        },
      },
      0,
    )
    const [first, second] = bench.sent.splice(0)
    bench.answer(first!, { token: 'tok' })
    bench.answer(second!)
    const [put, ...more] = bench.sent.splice(0)
    assert.deepEqual([asText(put!.message.get('q')), more.length], ['put', 0])
    bench.answer(put!)
    assert.equal(stored, 1)
  })

  it('asks one for a sample', () => {
    const bench = knowing(1)
    const heard: (number | null)[] = []
    const ask = () =>
      bench.node.sample({ at: A, target: ID }, sample => heard.push(sample?.num ?? null), bench.now)
    ask()
    bench.answer(bench.sent.pop()!, { samples: new Uint8Array(20), num: 5 })
    ask()
    bench.answer(bench.sent.pop()!)
    ask()
    bench.passTo(DHT_DEFAULTS.answerTimeout)
    assert.deepEqual(heard, [5, null, null])
  })

  it('takes another id when enough others see it elsewhere than its id says (BEP 42)', () => {
    const bench = knowing(DHT_DEFAULTS.addressVotes)
    assert.equal(bench.node.externalHost, '198.51.100.9')
    assert.ok(isSecureId(bench.node.id, '198.51.100.9'))
    assert.equal(bench.node.size, DHT_DEFAULTS.addressVotes, 'nobody is forgotten')
  })

  it('keeps an id that is right', () => {
    const bench = new Bench()
    const id = secureIdFor('198.51.100.9', bench.secrets)
    assert.deepEqual(knowing(DHT_DEFAULTS.addressVotes, { id }).node.id, id)
  })

  it('hands nodes of the other family on, and asks for them where they are wanted', () => {
    const heard: string[] = []
    const bench = knowing(1, {
      wantsOther: () => true,
      heardOfOther: contacts => heard.push(...contacts.map(contact => formatAddress(contact.address))),
    })
    bench.node.findPeers({ infoHash: ID, announce: null, found: () => undefined, done: () => undefined }, 0)
    const [question] = bench.sent
    assert.ok(asDict(question!.message.get('a'))!.has('want'))
    const nodes6 = encodeContacts([{ id: ID, address: address('2001:db8::1', 6881) }])
    bench.answer(question!, { nodes6 })
    assert.deepEqual(heard, ['[2001:db8::1]:6881'])
  })
})
