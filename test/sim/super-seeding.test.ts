import assert from 'node:assert/strict'
import { address } from '../../src/core/address.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { FakePeer, say } from './fake-peer.ts'
import { type Stage, story } from './story.ts'

const KIB = 1024
const LENGTH = 4096 * KIB
const LINE = { up: 512 * KIB, down: 1024 * KIB }

/** How many copies a seed sends until six others are complete. */
async function copiesSent(stage: Stage, isSuperSeeding: boolean): Promise<number> {
  stage.newTracker()
  const content = stage.newContent({ files: LENGTH, pieceLength: 64 * KIB })
  const seed = await stage.newClient({ disk: content.onDisk(), line: LINE })
  const seeded = await seed.add(content, { isSuperSeeding })
  await stage.settled(seeded.checked())
  const leeches = []
  for (let i = 0; i < 6; i++) {
    const client = await stage.newClient({ line: LINE })
    leeches.push({ client, torrent: await client.add(content) })
  }
  for (const { client, torrent } of leeches) await stage.completed(client, torrent, content)
  return seeded.status().uploaded / content.wireLength
}

story('a super-seed sends hardly more than one copy to a small swarm', async stage => {
  const copies = await copiesSent(stage, true)
  assert.ok(copies < 1.05, `it sent ${copies} copies`)
})

story('where an ordinary seed sends half as much again', async stage => {
  const copies = await copiesSent(stage, false)
  assert.ok(copies > 1.4, `it sent ${copies} copies`)
})

story('a single leech gets all of a super-seed', async stage => {
  const content = stage.newContent()
  const seed = await stage.newClient({ disk: content.onDisk() })
  await stage.settled((await seed.add(content, { isSuperSeeding: true })).checked())
  const leech = await stage.newClient()
  await stage.completed(leech, await leech.add(content, { peers: [seed.address] }), content)
})

story('who passes nothing on is told of one piece, and gets no other', async stage => {
  const content = stage.newContent({ files: 40 * 32 * KIB, pieceLength: 32 * KIB })
  const seed = await stage.newClient({ disk: content.onDisk() })
  await stage.settled((await seed.add(content, { isSuperSeeding: true })).checked())
  const [mute, other] = [await meet(stage, seed.host.at), await meet(stage, seed.host.at)]
  for (const peer of [mute, other]) {
    peer.greet({ infoHash: content.info.hashes.v1! })
    peer.say(say.haveNone, say.interested)
  }
  await stage.pass(60_000)
  assert.equal(mute.count('have-none'), 1)
  assert.equal(mute.count('have'), 1)
  assert.equal(other.count('have'), 1)
  const told = mute.of('have')[0]!.piece
  assert.notEqual(other.of('have')[0]!.piece, told)
  mute.say(say.request(told === 0 ? 1 : 0, 0, 16 * KIB), say.request(told, 0, 16 * KIB))
  await stage.pass(1000)
  assert.deepEqual([mute.count('piece'), mute.count('rejected')], [1, 1])
  other.say(say.have(told))
  await stage.pass(1000)
  assert.equal(mute.count('have'), 2, 'another has it')
})

story('it is switched on and off while it runs, and is as it was left in the next session', async stage => {
  const content = stage.newContent({ files: 40 * 32 * KIB, pieceLength: 32 * KIB, trackers: [] })
  const state = new MemoryStateFiles()
  const disk = content.onDisk()
  const first = await stage.newClient({ disk, state })
  const torrent = await first.add(content)
  await stage.settled(torrent.checked())
  const opening = async (): Promise<FakePeer> => {
    const peer = await meet(stage, first.host.at)
    peer.greet({ infoHash: content.info.hashes.v1! })
    await stage.until(() => peer.count('have-all') + peer.count('have-none') === 1)
    return peer
  }
  const before = await opening()
  assert.equal(before.count('have-all'), 1)
  torrent.setSuperSeeding(true)
  await stage.until(() => before.isClosed)
  assert.equal(first.endings.at(-1), 'super-seeding-changed')
  const meanwhile = await opening()
  assert.equal(meanwhile.count('have-none'), 1)
  torrent.setSuperSeeding(false)
  assert.equal((await opening()).count('have-all'), 1)
  torrent.setSuperSeeding(true)
  const leech = await stage.newClient()
  await stage.completed(leech, await leech.add(content, { peers: [first.address] }), content)
  await stage.settled(first.session.close())
  const second = await stage.newClient({ disk, state, host: first.host })
  const again = await second.add(content)
  assert.equal(again.isSuperSeeding, true)
  await stage.settled(again.checked())
  assert.equal((await opening()).count('have-none'), 1)
})

async function meet(stage: Stage, host: string): Promise<FakePeer> {
  return FakePeer.dial(stage, stage.network.newHost(), address(host, 6881))
}
