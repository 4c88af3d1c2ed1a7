/** Sessions that find each other in the DHT, without any tracker. */

import assert from 'node:assert/strict'
import { formatAddress } from '../../src/core/address.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import type { SimClient } from './sim-client.ts'
import { type Stage, story } from './story.ts'

const BARE = { trackers: [] as string[] }
const MINUTE = 60_000

/** A client that the others begin with. */
function newRouter(stage: Stage): Promise<SimClient> {
  return stage.newClient({ dht: {} })
}

function begins(router: SimClient): { dht: { routers: { host: string; port: number }[] } } {
  return { dht: { routers: [router.address] } }
}

function nodesOf(client: SimClient): number {
  return client.session.dht.reduce((sum, { nodes }) => sum + nodes, 0)
}

for (const format of ['v1', 'v2', 'hybrid'] as const) {
  story(`a magnet without trackers finds its seed in the DHT: ${format}`, async stage => {
    const router = await newRouter(stage)
    const content = stage.newContent({ ...BARE, format })
    const seed = await stage.newSeed(content, begins(router))
    await stage.until(() => router.session.dht[0]!.storedSwarms > 0)
    const leech = await stage.newClient(begins(router))
    const torrent = await leech.addMagnet(content.magnet)
    await stage.completed(leech, torrent, content)
    assert.ok(
      leech
        .heard('peer-connected')
        .some(({ address }) => formatAddress(address) === formatAddress(seed.address)),
    )
  })
}

story('a seed is told of in the DHT again and again', async stage => {
  const router = await newRouter(stage)
  const content = stage.newContent(BARE)
  await stage.newSeed(content, begins(router))
  await stage.pass(120 * MINUTE)
  const leech = await stage.newClient(begins(router))
  const torrent = await leech.add(content)
  await stage.completed(leech, torrent, content)
})

story('who leaves, or pauses, is told of no more', async stage => {
  const router = await newRouter(stage)
  const content = stage.newContent(BARE)
  const seed = await stage.newSeed(content, begins(router))
  await stage.until(() => router.session.dht[0]!.storedSwarms > 0)
  seed.session.torrents()[0]!.pause()
  await stage.pass(60 * MINUTE)
  assert.equal(router.session.dht[0]!.storedSwarms, 0)
  await seed.session.torrents()[0]!.resume()
  await stage.until(() => router.session.dht[0]!.storedSwarms > 0)
})

story('of a private torrent nothing is said in the DHT', async stage => {
  const router = await newRouter(stage)
  stage.newTracker()
  const secret = stage.newContent({ isPrivate: true })
  const seed = await stage.newSeed(secret, begins(router))
  const leech = await stage.newClient(begins(router))
  const torrent = await leech.add(secret)
  await stage.completed(leech, torrent, secret)
  await stage.pass(60 * MINUTE)
  for (const client of [router, seed, leech]) {
    assert.ok(nodesOf(client) > 0)
    assert.equal(client.session.dht[0]!.storedSwarms, 0)
  }
})

story('peers tell each other of their nodes, but not for a private torrent', async stage => {
  for (const isPrivate of [false, true]) {
    stage.newTracker()
    const content = stage.newContent({ isPrivate, name: `private ${isPrivate}` })
    const seed = await stage.newSeed(content, { dht: {} })
    const leech = await stage.newClient({ dht: {} })
    const torrent = await leech.add(content)
    await stage.completed(leech, torrent, content)
    await stage.pass(MINUTE)
    assert.deepEqual([nodesOf(seed), nodesOf(leech)], isPrivate ? [0, 0] : [1, 1])
  }
})

story('nodes are remembered, and need no router the next time', async stage => {
  const router = await newRouter(stage)
  const state = new MemoryStateFiles()
  const first = await stage.newClient({ ...begins(router), state })
  await stage.until(() => first.heard('dht-ready').length > 0)
  assert.equal(nodesOf(first), 1)
  await stage.settled(first.session.close())
  const second = await stage.newClient({ dht: {}, state, host: first.host })
  await stage.until(() => nodesOf(second) > 0)
})

story('what cannot be read of the nodes is forgotten, and all goes on', async stage => {
  const router = await newRouter(stage)
  const state = new MemoryStateFiles()
  await state.replace('session/dht.nodes', Uint8Array.of(1, 2, 3))
  const client = await stage.newClient({ ...begins(router), state })
  await stage.until(() => nodesOf(client) > 0)
})

story('a session that is switched off in the DHT answers nobody and asks nobody', async stage => {
  const router = await newRouter(stage)
  const content = stage.newContent(BARE)
  const seed = await stage.newSeed(content)
  const asker = await stage.newClient({ dht: { routers: [seed.address] } })
  await asker.add(content)
  await stage.pass(30 * MINUTE)
  assert.deepEqual([nodesOf(seed), nodesOf(asker), nodesOf(router)], [0, 0, 0])
  assert.deepEqual(asker.heard('peer-connected'), [])
})
