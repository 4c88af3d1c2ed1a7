import assert from 'node:assert/strict'
import { FakePeer, say } from './fake-peer.ts'
import { FakeSeed } from './fake-seed.ts'
import type { Stage } from './story.ts'
import { story } from './story.ts'
import type { Content } from './content.ts'

const CROWD = 60

/** Seeds that take every request and answer none. */
async function silentSeeds(stage: Stage, content: Content): Promise<FakeSeed[]> {
  const seeds = []
  for (let i = 0; i < CROWD; i++) {
    seeds.push(await FakeSeed.open(stage, content, { onRequest: () => undefined, hasFast: i % 2 === 0 }))
  }
  return seeds
}

story('sixty that send nothing came first: a seed that is known makes its way in', async stage => {
  const content = stage.newContent()
  const silent = await silentSeeds(stage, content)
  const seed = await stage.newSeed(content)
  seed.host.isPlugged = false
  const leech = await stage.newClient()
  const peers = [...silent.map(other => other.address), seed.address]
  const torrent = await leech.add(content, { peers })
  await stage.until(() => silent.every(other => other.met.length === 1))
  seed.host.isPlugged = true
  await stage.pass(50_000)
  assert.ok(!leech.endings.includes('peer-outdone'), 'for a minute they may show what they are worth')
  await stage.completed(leech, torrent, content)
  assert.ok(stage.now < 120_000, `it took ${stage.now} ms`)
  assert.ok(leech.endings.filter(reason => reason === 'peer-outdone').length < 5)
})

story('and so does one that comes by itself', async stage => {
  const content = stage.newContent()
  const silent = await silentSeeds(stage, content)
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: silent.map(seed => seed.address) })
  await stage.until(() => silent.every(seed => seed.met.length === 1))
  const early = await FakePeer.dial(stage, stage.network.newHost(), leech.address)
  early.greet({ infoHash: content.info.hashes.v1! })
  await stage.until(() => early.isClosed)
  assert.deepEqual(leech.endings, ['torrent-full'])
  await stage.pass(70_000)
  const late = await FakePeer.dial(stage, stage.network.newHost(), leech.address)
  late.greet({ infoHash: content.info.hashes.v1! })
  late.say(say.haveAll, say.unchoke)
  await stage.pass(1000)
  assert.ok(!late.isClosed)
  assert.ok(late.count('request') > 0)
  assert.equal(torrent.status().peers, CROWD)
})

story(
  'sixty that send nothing came by themselves: a seed that is known has its place at once',
  async stage => {
    const content = stage.newContent()
    const seed = await stage.newSeed(content)
    seed.host.isPlugged = false
    const leech = await stage.newClient()
    const torrent = await leech.add(content, { peers: [seed.address] })
    const crowd: FakePeer[] = []
    for (let i = 0; i < CROWD; i++) {
      const peer = await FakePeer.dial(stage, stage.network.newHost(), leech.address)
      peer.greet({ infoHash: content.info.hashes.v1! })
      peer.say(say.haveAll, say.unchoke)
      crowd.push(peer)
    }
    await stage.pass(1000)
    assert.equal(torrent.status().peers, 45)
    assert.equal(crowd.filter(peer => peer.isClosed).length, CROWD - 45)
    seed.host.isPlugged = true
    await stage.until(() => torrent.status().seeds > 45, { within: 50_000 })
    await stage.completed(leech, torrent, content)
    assert.ok(stage.now < 60_000, `it took ${stage.now} ms`)
    const last = await FakePeer.dial(stage, stage.network.newHost(), leech.address)
    last.greet({ infoHash: content.info.hashes.v1! })
    await stage.pass(1000)
    assert.ok(!last.isClosed, 'who has something to give has place for whoever comes')
  },
)
