import assert from 'node:assert/strict'
import { address } from '../../src/core/address.ts'
import { decodeAnnouncement, encodeAnnouncement, LSD_GROUPS } from '../../src/lsd/announcement.ts'
import { type Stage, story } from './story.ts'

const MINUTE = 60_000

async function shout(stage: Stage, announcement: Parameters<typeof encodeAnnouncement>[1], times = 1) {
  const host = stage.network.newHost()
  const at = address(host.at, 1)
  const [group] = LSD_GROUPS
  const socket = await stage.settled(
    host.join(
      group!,
      () => [at],
      () => undefined,
    ),
  )
  for (let i = 0; i < times; i++) socket.send(encodeAnnouncement(group!, announcement))
  return host
}

for (const [how, add] of [
  ['a torrent file', 'add'],
  ['a magnet', 'addMagnet'],
] as const) {
  story(`two in one network find each other by ${how} alone, whoever begins`, async stage => {
    const content = stage.newContent({ trackers: [], format: 'hybrid' })
    const early = await stage.newClient({ lsd: true })
    const torrent = await (add === 'add' ? early.add(content) : early.addMagnet(content.magnet))
    await stage.pass(MINUTE)
    const seed = await stage.newSeed(content, { lsd: true })
    const began = stage.now
    await stage.completed(early, torrent, content)
    assert.ok(stage.now - began < 30_000)
    const late = await stage.newClient({ lsd: true })
    const other = await (add === 'add' ? late.add(content) : late.addMagnet(content.magnet))
    await stage.completed(late, other, content)
    assert.ok(seed.heard('peer-connected').length >= 1)
  })
}

story(
  'a torrent is told of at the start and every five minutes, until it is paused, and again when it goes on',
  async stage => {
    const content = stage.newContent({ trackers: [] })
    const client = await stage.newClient({ lsd: true })
    const torrent = await client.add(content)
    const { shouted } = stage.network
    await stage.pass(11 * MINUTE)
    assert.equal(shouted.length, 3)
    assert.ok(shouted[0]!.at < 5000 && shouted[1]!.at - shouted[0]!.at >= 5 * MINUTE)
    const said = decodeAnnouncement(shouted[0]!.datagram)!
    assert.deepEqual([said.port, said.infoHashes], [6881, [content.info.hashes.v1]])
    torrent.pause()
    await stage.pass(20 * MINUTE)
    assert.equal(shouted.length, 3)
    await stage.settled(torrent.resume())
    await stage.pass(10_000)
    assert.equal(shouted.length, 4)
    await stage.settled(torrent.remove())
    await stage.pass(20 * MINUTE)
    assert.equal(shouted.length, 4)
  },
)

for (const [why, options, lsd] of [
  ['it is switched off', {}, false],
  ['its torrents are private', { isPrivate: true }, true],
] as const) {
  story(`where ${why}, a session says nothing to its network, and does not listen to it`, async stage => {
    const content = stage.newContent({ trackers: [], ...options })
    const seed = await stage.newSeed(content, { lsd })
    assert.equal(stage.network.groups.size, 0, 'no group is joined')
    const infoHashes = [content.info.hashes.v1!]
    const host = await shout(stage, { port: 6881, infoHashes, cookie: null })
    await stage.pass(10 * MINUTE)
    assert.deepEqual(
      stage.network.shouted.map(({ from }) => from),
      [host.at],
    )
    assert.equal(host.dialed, 0)
    assert.equal(seed.heard('peer-connected').length, 0)
  })
}

story(
  'a magnet that turns out to be private is told of no more, and nobody is met on the word of the network',
  async stage => {
    const content = stage.newContent({ isPrivate: true, files: 3_000_000 })
    stage.newTracker()
    await stage.newSeed(content, { line: { up: 3000 } })
    const client = await stage.newClient({ lsd: true })
    const torrent = await client.addMagnet(content.magnet)
    await stage.settled(torrent.metadata())
    const before = stage.network.shouted.length
    const host = await shout(stage, { port: 6881, infoHashes: [content.info.hashes.v1!], cookie: null })
    await stage.pass(20 * MINUTE)
    assert.equal(stage.network.shouted.filter(({ from }) => from === client.host.at).length, before)
    assert.equal(host.dialed, 0)
  },
)

story(
  'a private v2 torrent without its piece layers is told of to nobody, while they are fetched too',
  async stage => {
    const content = stage.newContent({ format: 'v2', isPrivate: true, trackers: [] })
    const client = await stage.newClient({ lsd: true })
    const torrentFile = withoutLayers(content.torrentFile)
    const torrent = await client.add({ torrentFile })
    await stage.pass(MINUTE)
    assert.equal(torrent.status().state, 'fetching-metadata')
    assert.equal(stage.network.shouted.length, 0)
  },
)

story('its own voice, noise, other torrents and too many words are not heeded', async stage => {
  const content = stage.newContent({ trackers: [] })
  const client = await stage.newClient({ lsd: true })
  await client.add(content)
  await stage.pass(5000)
  const own = decodeAnnouncement(stage.network.shouted[0]!.datagram)!
  const echo = await shout(stage, { ...own, port: 1 })
  const stranger = await shout(stage, { port: 1, infoHashes: [new Uint8Array(20)], cookie: null })
  const { infoHashes } = own
  const many = await shout(stage, { port: 1, infoHashes, cookie: null }, 20)
  const flood = await shout(stage, { port: 1, infoHashes: [new Uint8Array(20)], cookie: null }, 20)
  const [group] = LSD_GROUPS
  const again = await stage.settled(
    flood.join(
      group!,
      () => [address(flood.at, 1)],
      () => undefined,
    ),
  )
  again.send(encodeAnnouncement(group!, { port: 1, infoHashes, cookie: null }))
  again.send(new Uint8Array(2000))
  await stage.pass(500)
  assert.deepEqual(
    [echo, stranger, many, flood].map(host => host.dialed),
    [0, 0, 1, 0],
  )
  assert.equal(client.host.dialed, 0)
})

/** The torrent file without the key `piece layers`, which comes after `info`. */
function withoutLayers(torrentFile: Uint8Array): Uint8Array {
  const text = Buffer.from(torrentFile).toString('latin1')
  const at = text.indexOf('12:piece layersd')
  return Buffer.from(`${text.slice(0, at)}e`, 'latin1')
}
