import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import fc from 'fast-check'
import { encodeBencode } from '../../src/bencode/encode.ts'
import { address } from '../../src/core/address.ts'
import { DhtNode } from '../../src/dht/dht-node.ts'
import { decodeKrpc } from '../../src/dht/krpc.ts'
import { DHT_LIMITS } from '../../src/dht/limits.ts'
import { decodeSavedNodes } from '../../src/dht/saved-nodes.ts'
import { nodeSignatures } from '../../src/net/node-signatures.ts'
import { testDigest } from '../support/hash-plan.ts'
import { seededDice } from '../support/seeded-dice.ts'

/** FUZZ_RUNS sets how many inputs are tried for each question. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 1_000)

const FROM = address('203.0.113.1', 6881)
const METHODS = ['ping', 'find_node', 'get_peers', 'announce_peer', 'get', 'put', 'sample_infohashes', 'x']
const KEYS = [
  'id',
  'info_hash',
  'target',
  'token',
  'port',
  'implied_port',
  'seed',
  'scrape',
  'noseed',
  'want',
]
const ITEM_KEYS = [
  'v',
  'k',
  'sig',
  'seq',
  'salt',
  'cas',
  'nodes',
  'nodes6',
  'values',
  'BFsd',
  'BFpe',
  'samples',
]

const scalar = fc.oneof(
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array({ minLength: 20, maxLength: 20 }),
  fc.uint8Array({ maxLength: 80 }),
)
const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 5 }), fc.constant({}))
const fields = fc.dictionary(fc.constantFrom(...KEYS, ...ITEM_KEYS), value, { maxKeys: 8 })

/** A node that waits for an answer, and what it sent. */
function newNode() {
  const dice = seededDice(1)
  const sent: Uint8Array[] = []
  const node = new DhtNode({
    family: 4,
    dice,
    secrets: { bytes: length => Uint8Array.from({ length }, () => dice.below(256)) },
    digest: testDigest,
    signatures: nodeSignatures,
    send: datagram => sent.push(datagram),
    now: 0,
  })
  node.setRouters([FROM], 0)
  node.tick(0)
  return { node, sent }
}

suite('whatever comes to a node of the DHT', () => {
  it('is a message or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        decodeKrpc(bytes)
        decodeSavedNodes(bytes)
        newNode().node.received(bytes, FROM, 0)
      }),
      { numRuns },
    )
  })

  it('as a question is answered with no more than three times its length, or not', () => {
    fc.assert(
      fc.property(fc.constantFrom(...METHODS), fields, (q, a) => {
        const { node, sent } = newNode()
        sent.length = 0
        const question = encodeBencode({ a: { id: new Uint8Array(20), ...a }, q, t: 'aa', y: 'q' })
        node.received(question, FROM, 0)
        const [answer] = sent
        if (answer) assert.ok(answer.length <= Math.max(120, DHT_LIMITS.amplification * question.length))
      }),
      { numRuns },
    )
  })

  it('as an answer does not break a lookup, and what is sent can be read', () => {
    fc.assert(
      fc.property(fields, r => {
        const { node, sent } = newNode()
        const asked = decodeKrpc(sent[0]!)
        assert.ok(asked)
        node.received(
          encodeBencode({ r: { id: new Uint8Array(20).fill(1), ...r }, t: asked.transaction, y: 'r' }),
          FROM,
          1,
        )
        for (const datagram of sent) assert.notEqual(decodeKrpc(datagram), null)
      }),
      { numRuns },
    )
  })
})
