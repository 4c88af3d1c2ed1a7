/** A thousand nodes of ours: how often a search finds who announced himself, and how far it goes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress } from '../../src/core/address.ts'
import { DhtGang } from './dht-liar.ts'
import { DhtNet, type SimDhtNode } from './dht-net.ts'

const SEED = Number(process.env['SHOAL_SIM_SEED'] ?? 1)
const SEARCHES = 200

interface Town {
  readonly net: DhtNet
  readonly nodes: SimDhtNode[]
  readonly gang: DhtGang | null
}

/** Nodes that join one after another through some that are there, and then have some minutes. */
function buildTown(options: { honest: number; liars: number }): Town {
  const net = new DhtNet({ seed: SEED, loss: 0.01 })
  const { honest, liars } = options
  const gang = liars > 0 ? new DhtGang(net, { members: liars, ghosts: 2000 }) : null
  const nodes: SimDhtNode[] = []
  for (let i = 0; i < honest; i++) {
    const node = net.newNode()
    if (i > 0) node.join(pick(net, nodes).at, ...(gang ? [pick(net, gang.members).at] : []))
    nodes.push(node)
    net.pass(i < 50 ? 500 : 50)
  }
  // Liars make themselves known, as who wants to be asked does.
  for (const liar of gang?.members ?? []) for (let i = 0; i < 20; i++) pick(net, nodes).hearOf(liar.at)
  net.pass(300_000)
  return { net, nodes, gang }
}

function pick<T>(net: DhtNet, list: readonly T[]): T {
  return list[net.dice.below(list.length)]!
}

/** Some announce themselves; so many nodes go and as many come; then others look for those who announced. */
function measure({ net, nodes }: Town, churn: number): { right: number; deepest: number } {
  const announced = Array.from({ length: SEARCHES }, (_, i) => {
    const node = pick(net, nodes)
    const infoHash = net.secrets.bytes(20)
    const outcome = node.search(infoHash, 7000 + i)
    net.until(() => outcome.isDone)
    return { infoHash, peer: formatAddress({ ...node.at, port: 7000 + i }) }
  })
  net.pass(2000)
  for (let i = 0; i < churn; i++) net.remove(nodes.splice(net.dice.below(nodes.length), 1)[0]!.at)
  for (let i = 0; i < churn; i++) {
    const node = net.newNode()
    node.join(pick(net, nodes).at)
    nodes.push(node)
  }
  net.pass(5000)
  let right = 0
  let deepest = 0
  for (const { infoHash, peer } of announced) {
    const outcome = pick(net, nodes).search(infoHash)
    net.until(() => outcome.isDone)
    if (outcome.peers.includes(peer)) right++
    deepest = Math.max(deepest, outcome.depth)
  }
  return { right: right / SEARCHES, deepest }
}

test(`1000 nodes, of which a tenth was changed: 99 % are found within 8 round trips (SHOAL_SIM_SEED=${SEED})`, t => {
  const { right, deepest } = measure(buildTown({ honest: 1000, liars: 0 }), 100)
  t.diagnostic(`${right * 100} % found, at most ${deepest} round trips one after another`)
  assert.ok(right >= 0.99, `${right * 100} % found`)
  assert.ok(deepest <= 8, `${deepest} round trips`)
})

test(`1000 nodes, of which a fifth lies: 95 % are found (SHOAL_SIM_SEED=${SEED})`, t => {
  const { right, deepest } = measure(buildTown({ honest: 800, liars: 200 }), 0)
  t.diagnostic(`${right * 100} % found, at most ${deepest} round trips one after another`)
  assert.ok(right >= 0.95, `${right * 100} % found`)
})
