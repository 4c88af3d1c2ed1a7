import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { address, formatAddress } from '../../../src/core/address.ts'
import type { Contact } from '../../../src/dht/contact.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'
import { commonBits, compareDistance, idInBucket, secureIdFor } from '../../../src/dht/node-id.ts'
import { DHT_DEFAULTS } from '../../../src/dht/options.ts'
import { RoutingTable } from '../../../src/dht/routing-table.ts'
import { seededDice } from '../../support/seeded-dice.ts'

const OURS = new Uint8Array(20)
const K = DHT_LIMITS.bucketNodes
const dice = seededDice(3)
const secrets = { bytes: (length: number) => Uint8Array.from({ length }, () => dice.below(256)) }

/** A node in the bucket of ids that have so many bits in common with ours. */
function node(bits: number, host: string, port = 6881): Contact {
  return { id: idInBucket(OURS, bits, dice), address: address(host, port) }
}

/** As many as fit into the first bucket, each in a subnet of its own. */
function fullTable(): { table: RoutingTable; nodes: Contact[] } {
  const table = new RoutingTable(OURS)
  const nodes = Array.from({ length: K }, (_, i) => node(0, `20.0.${i}.1`))
  for (const [i, each] of nodes.entries()) table.answered(each, i)
  return { table, nodes }
}

describe('a routing table', () => {
  it('takes in who answers, and knows the nearest to a target', () => {
    const table = new RoutingTable(OURS)
    const nodes = Array.from({ length: 60 }, (_, i) => node(i % 12, `20.${i}.0.1`))
    for (const each of nodes) table.answered(each, 0)
    assert.equal(table.size, 60)
    const target = secrets.bytes(20)
    const nearest = nodes.toSorted((a, b) => compareDistance(target, a.id, b.id)).slice(0, K)
    assert.deepEqual(table.closest(target, K), nearest)
  })

  it('never takes in ourselves, nor an id twice', () => {
    const table = new RoutingTable(OURS)
    table.answered({ id: OURS, address: address('20.0.0.1', 1) }, 0)
    const one = node(0, '20.0.1.1')
    table.answered(one, 0)
    table.answered({ ...one, address: address('20.0.2.1', 1) }, 0)
    assert.deepEqual(table.contacts(), [one])
  })

  it('takes one node a global host, and one a subnet in a bucket', () => {
    const table = new RoutingTable(OURS)
    table.answered(node(0, '20.0.0.1', 1), 0)
    table.answered(node(1, '20.0.0.1', 2), 0)
    assert.equal(table.size, 1)
    table.answered(node(0, '20.0.0.2'), 0)
    assert.equal(table.size, 1)
    table.answered(node(1, '20.0.0.2'), 0)
    assert.equal(table.size, 2)
  })

  it('takes any number of ports of this machine', () => {
    const table = new RoutingTable(OURS)
    for (let port = 1; port <= K; port++) table.answered(node(0, '127.0.0.1', port), 0)
    assert.equal(table.size, K)
  })

  it('keeps who answers: a newcomer waits until somebody fails', () => {
    const { table, nodes } = fullTable()
    const late = node(0, '20.9.0.1')
    assert.equal(table.wants(late), false)
    table.answered(late, 100)
    assert.equal(table.has(late.address), false)
    table.failed(nodes[3]!.address)
    table.failed(nodes[3]!.address)
    assert.equal(table.has(nodes[3]!.address), false)
    assert.ok(table.has(late.address))
  })

  it('gives the place of one that fails to who answers just then', () => {
    const { table, nodes } = fullTable()
    table.failed(nodes[2]!.address)
    const late = node(0, '20.9.0.1')
    assert.ok(table.wants(late))
    table.answered(late, 100)
    assert.equal(table.has(nodes[2]!.address), false)
    assert.ok(table.has(late.address))
  })

  it('has whose id is his by BEP 42 come in before the others that wait', () => {
    const { table, nodes } = fullTable()
    const honest = '124.31.75.21'
    let secure = { id: secureIdFor(honest, secrets), address: address(honest, 1) }
    while (commonBits(OURS, secure.id) !== 0) secure = { ...secure, id: secureIdFor(honest, secrets) }
    table.answered(secure, 100)
    table.answered(node(0, '20.9.0.1'), 101)
    table.failed(nodes[0]!.address)
    table.failed(nodes[0]!.address)
    assert.ok(table.has(secure.address))
  })

  it('keeps one that fails where nobody else is there, for a while', () => {
    const table = new RoutingTable(OURS)
    const lone = node(0, '20.0.0.1')
    table.answered(lone, 0)
    table.failed(lone.address)
    table.failed(lone.address)
    assert.ok(table.has(lone.address))
    assert.deepEqual(table.closest(OURS, K), [], 'nobody is told of it')
    table.answered(lone, 10)
    assert.deepEqual(table.closest(OURS, K), [lone])
    for (let i = 0; i < 5; i++) table.failed(lone.address)
    assert.equal(table.size, 0)
    table.answered(node(0, '20.0.0.1'), 20)
    assert.equal(table.size, 1, 'its host may come again')
  })

  it('knows a node by its new id when it was started anew', () => {
    const table = new RoutingTable(OURS)
    const before = node(0, '20.0.0.1')
    const after = { ...before, id: idInBucket(OURS, 4, dice) }
    table.answered(before, 0)
    table.answered(after, 1)
    assert.deepEqual(table.contacts(), [after])
  })

  it('lists who was heard last first', () => {
    const { table, nodes } = fullTable()
    table.answered(nodes[0]!, 1000)
    assert.equal(formatAddress(table.contacts()[0]!.address), formatAddress(nodes[0]!.address))
  })
})

describe('who was silent for too long', () => {
  it('is asked, the longest first, each once', () => {
    const { table, nodes } = fullTable()
    const { questionableAfter } = DHT_DEFAULTS
    assert.equal(table.questionable(questionableAfter - 1), null)
    assert.deepEqual(table.questionable(questionableAfter)?.id, nodes[0]!.id)
    assert.equal(table.questionable(questionableAfter), null)
    assert.deepEqual(table.questionable(questionableAfter + 1)?.id, nodes[1]!.id)
  })
})

describe('a target to fill the table by', () => {
  it('is in a bucket that lacks nodes', () => {
    const { table } = fullTable()
    for (let i = 0; i < 20; i++) assert.ok(commonBits(OURS, table.refreshTarget(dice)) > 0)
  })
})
