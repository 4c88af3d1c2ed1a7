import assert from 'node:assert/strict'
import { FakePeer } from './fake-peer.ts'
import { type Stage, story } from './story.ts'
import type { SimClient } from './sim-client.ts'

const KIB = 1024
const MEASURED = 20_000

/** What goes over the line of a client, both downloading and what is beside it, is within 3 % of its limit. */
async function assertLimitHolds(stage: Stage, client: SimClient, limit: number): Promise<void> {
  const before = client.host.line.received
  await stage.pass(MEASURED)
  const share = ((client.host.line.received - before) * 1000) / MEASURED / limit
  assert.ok(Math.abs(share - 1) <= 0.03, `${(100 * share).toFixed(1)} % of the limit`)
}

/** A client that downloads what there is much of, as fast as it may. */
async function limited(stage: Stage, downloadLimit: number): Promise<SimClient> {
  const content = stage.newContent({ files: 40 * downloadLimit, pieceLength: 64 * KIB, trackers: [] })
  const seed = await stage.newSeed(content)
  const client = await stage.newClient({ downloadLimit })
  await client.add(content, { peers: [seed.address] })
  await stage.pass(5000)
  return client
}

story('connections that never join a swarm are charged for what they carry', async stage => {
  const limit = 50 * KIB
  const client = await limited(stage, limit)
  const knocking = { isOver: false }
  const knock = async (host: FakePeer['host']): Promise<void> => {
    if (knocking.isOver) return
    const socket = await host.dial(client.address, { signal: new AbortController().signal })
    // 68 bytes that name a torrent which is not there.
    new FakePeer(host, socket).greet({ infoHash: stage.randomBytes(20) })
    stage.after(200, () => void knock(host))
  }
  for (let i = 0; i < 8; i++) void knock(stage.network.newHost())
  await stage.pass(1000)
  await assertLimitHolds(stage, client, limit)
  assert.ok(client.endings.filter(reason => reason === 'info-hash-unknown').length > 500)
  knocking.isOver = true
})

story('metadata of a magnet is charged while it comes', async stage => {
  const limit = 30 * KIB
  const client = await limited(stage, limit)
  const files = Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`${'long'.repeat(20)} ${i}`, 10]))
  const described = stage.newContent({ files, trackers: [] })
  const seed = await stage.newSeed(described, { line: { up: 10 * KIB } })
  const magnet = await client.addMagnet(described.magnet, { peers: [seed.address] })
  await stage.pass(1000)
  await assertLimitHolds(stage, client, limit)
  assert.equal(magnet.status().state, 'fetching-metadata', 'all of it came meanwhile: the test shows nothing')
  await stage.settled(magnet.metadata())
})
