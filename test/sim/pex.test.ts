import assert from 'node:assert/strict'
import { encodeBencode } from '../../src/bencode/encode.ts'
import { address, formatAddress } from '../../src/core/address.ts'
import { FakePeer, say } from './fake-peer.ts'
import { Gossip } from './gossip.ts'
import { type Stage, story } from './story.ts'

const MINUTE = 60_000

/** A torrent without a tracker, and a client that has it whole. */
async function lonelySeed(stage: Stage) {
  const content = stage.newContent({ trackers: [] })
  const seed = await stage.newSeed(content)
  return { content, seed }
}

/** Hosts that count who dials them, and take nobody. */
function targets(stage: Stage, count: number, at?: (i: number) => string) {
  return Array.from({ length: count }, (_, i) => stage.network.newHost(at ? { at: at(i) } : {}))
}

story('two that know the same third learn of each other', async stage => {
  const content = stage.newContent({ trackers: [], files: 3_000_000 })
  const seed = await stage.newSeed(content, { line: { up: 20_000 } })
  const [one, other] = [await stage.newClient(), await stage.newClient()]
  const first = await one.add(content, { peers: [seed.address] })
  await stage.until(() => first.status().peers === 1)
  const second = await other.add(content, { peers: [seed.address] })
  await stage.until(() => first.status().peers === 2 && second.status().peers === 2, {
    within: MINUTE + 10_000,
  })
})

story('a magnet gets to metadata that only somebody has whom it was told of', async stage => {
  const { content, seed } = await lonelySeed(stage)
  // It has no metadata to give, and knows who has.
  const host = stage.network.newHost()
  await FakePeer.listen(host, address(host.at, 7000), peer => {
    const gossip = new Gossip(stage, peer)
    peer.onHandshake = () => gossip.greet(content)
    void stage.until(() => gossip.offers !== null).then(() => gossip.tell([seed.address]))
  })
  const leech = await stage.newClient()
  const torrent = await leech.addMagnet(content.magnet, { peers: [address(host.at, 7000)] })
  await stage.completed(leech, torrent, content)
})

story(
  'a peer is told soon of those who are there, once a minute of what changed, and else of nothing',
  async stage => {
    const { content, seed } = await lonelySeed(stage)
    const gossip = await Gossip.dial(stage, seed.address, content)
    const metAt = stage.now
    const [early, late, quick] = targets(stage, 3)
    const first = await Gossip.dial(stage, seed.address, content, { host: early!, listenPort: 1111 })
    await stage.until(() => gossip.heard.length === 1)
    assert.deepEqual(gossip.told, [`${early!.at}:1111`])
    assert.ok(gossip.heard[0]!.at - metAt < 6000)

    const second = await Gossip.dial(stage, seed.address, content, { host: late!, listenPort: 2222 })
    const third = await Gossip.dial(stage, seed.address, content, { host: quick!, listenPort: 3333 })
    await stage.pass(10_000)
    third.peer.leave()
    first.peer.leave()
    await stage.until(() => gossip.heard.length === 2)
    const [told, news] = gossip.heard
    assert.ok(news!.at - told!.at >= MINUTE)
    assert.deepEqual(
      news!.added.map(({ address }) => formatAddress(address)),
      [`${late!.at}:2222`],
    )
    assert.deepEqual(news!.dropped.map(formatAddress), [`${early!.at}:1111`])

    const before = stage.events
    await stage.pass(30_000)
    assert.ok(stage.events - before < 20, 'nothing stirs')
    second.peer.leave()
    await stage.until(() => gossip.heard.length === 3, { within: 2 * MINUTE })
    assert.deepEqual(
      [gossip.heard[2]!.added, gossip.heard[2]!.dropped.map(formatAddress)],
      [[], [`${late!.at}:2222`]],
    )
    gossip.peer.leave()
  },
)

story(
  'only those are told of who can be dialled, and none of itself; with what is known of them',
  async stage => {
    const { content, seed } = await lonelySeed(stage)
    const torrent = seed.session.torrents()[0]!
    const gossip = await Gossip.dial(stage, seed.address, content, { listenPort: 999 })
    await Gossip.dial(stage, seed.address, content) // does not say where it listens
    const holepuncher = await Gossip.dial(stage, seed.address, content, {
      listenPort: 1111,
      more: { m: { ut_holepunch: 3 }, upload_only: 0 },
    })
    const dialled = stage.network.newHost()
    await FakePeer.listen(dialled, address(dialled.at, 4444), peer => {
      peer.onHandshake = ({ infoHash }) => {
        peer.greet({ infoHash, hasExtended: false })
        peer.say(say.haveNone)
      }
    })
    torrent.addPeers([address(dialled.at, 4444)])
    await stage.until(() => gossip.told.length === 2)
    const contacts = new Map(gossip.heard[0]!.added.map(contact => [contact.address.port, contact]))
    assert.deepEqual(
      [...contacts.keys()].sort((a, b) => a - b),
      [1111, 4444],
    )
    assert.deepEqual([contacts.get(1111)!.hasHolepunch, contacts.get(1111)!.isReachable], [true, false])
    assert.deepEqual([contacts.get(4444)!.hasHolepunch, contacts.get(4444)!.isReachable], [false, true])
    assert.ok([...contacts.values()].every(({ isSeed }) => !isSeed))
    void holepuncher
  },
)

story('who has everything is told of as a seed', async stage => {
  const content = stage.newContent({ trackers: [], files: 3_000_000 })
  const seed = await stage.newSeed(content, { line: { up: 20_000 } })
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [seed.address] })
  await stage.until(() => torrent.status().peers === 1)
  const gossip = await Gossip.dial(stage, leech.address, content)
  await stage.until(() => gossip.heard.length === 1)
  assert.deepEqual(
    gossip.heard[0]!.added.map(({ address, isSeed, isReachable }) => [
      formatAddress(address),
      isSeed,
      isReachable,
    ]),
    [[formatAddress(seed.address), true, true]],
  )
  gossip.peer.leave()
})

story('peers of the own network are told of in it alone, and so are those of the machine', async stage => {
  const { content, seed } = await lonelySeed(stage)
  const hostAt = (at: string) => stage.network.newHost({ at })
  const gossips = new Map<string, Gossip>()
  for (const at of ['192.168.1.1', '203.0.113.1', '203.0.113.2', '172.16.0.1', '127.0.0.1']) {
    gossips.set(at, await Gossip.dial(stage, seed.address, content, { host: hostAt(at), listenPort: 1000 }))
  }
  await stage.pass(10_000)
  assert.deepEqual(gossips.get('203.0.113.1')!.told, ['203.0.113.2:1000'])
  assert.deepEqual(gossips.get('192.168.1.1')!.told, [
    '172.16.0.1:1000',
    '203.0.113.1:1000',
    '203.0.113.2:1000',
  ])
  assert.equal(gossips.get('127.0.0.1')!.told.length, 4)
})

story('of what a peer tells, only what may be of use is dialled', async stage => {
  const { content } = await lonelySeed(stage)
  const client = await stage.newClient()
  const torrent = await client.add(content)
  await stage.settled(torrent.checked())
  const good = targets(stage, 2, i => `203.0.113.${i + 1}`)
  const near = targets(stage, 2, i => ['127.0.0.1', '192.168.7.7'][i]!)
  const victim = stage.network.newHost({ at: '198.51.100.1' })
  const ours = stage.network.newHost({ at: '203.0.113.99' })
  const gossip = await Gossip.dial(stage, client.address, content, {
    host: stage.network.newHost({ at: '203.0.113.77' }),
    more: { yourip: Uint8Array.of(203, 0, 113, 99) },
  })
  gossip.tell([
    ...good.map(({ at }) => address(at, 6881)),
    ...near.map(({ at }) => address(at, 6881)),
    ...Array.from({ length: 60 }, (_, i) => address(victim.at, i + 1)),
    address('203.0.113.1', 0),
    address('255.255.255.255', 6881),
    address('224.0.0.1', 6881),
    address('203.0.113.99', 6881),
    client.address,
  ])
  const neighbour = await Gossip.dial(stage, client.address, content)
  neighbour.tell([client.address])
  await stage.pass(30_000)
  assert.equal(ours.dialed, 0, 'where the gossip sees us')
  assert.deepEqual(
    [...good, ...near].map(host => host.dialed > 0),
    [true, true, false, false],
  )
  assert.equal(victim.dialed, 3, 'three ports of it, each once so far')
  assert.equal(client.host.dialed, 2, 'by the gossips alone')
  assert.equal(client.heard('peer-disconnected').filter(({ reason }) => reason === 'peer-is-self').length, 0)
})

story('one that floods is cut off, and what it told does not crowd out the others', async stage => {
  const { content, seed } = await lonelySeed(stage)
  const client = await stage.newClient()
  const torrent = await client.add(content)
  const flooder = await Gossip.dial(stage, client.address, content)
  for (let i = 0; i < 7; i++)
    flooder.tell(Array.from({ length: 200 }, (_, j) => address(`198.51.${i}.${j + 1}`, 6881)))
  await stage.until(() => flooder.peer.isClosed)
  assert.deepEqual(client.endings, ['pex-flood'])
  const honest = await Gossip.dial(stage, client.address, content)
  honest.tell([seed.address])
  await stage.completed(client, torrent, content)
})

story('a seed does not dial those of whom it is told that they are seeds', async stage => {
  const { content, seed } = await lonelySeed(stage)
  const gossip = await Gossip.dial(stage, seed.address, content)
  const [leech, other] = targets(stage, 2)
  const contact = { prefersEncryption: false, hasUtp: false, hasHolepunch: false, isReachable: true }
  gossip.tell([
    { ...contact, address: address(leech!.at, 1), isSeed: false },
    { ...contact, address: address(other!.at, 1), isSeed: true },
  ])
  await stage.pass(MINUTE)
  assert.deepEqual([leech!.dialed > 0, other!.dialed], [true, 0])
  gossip.peer.leave()
})

for (const [why, isPrivate, pex] of [
  ['is switched off', false, false],
  ['may not be for a private torrent', true, true],
] as const) {
  story(`where peer exchange ${why}, it is not offered, nobody is told, and nobody is heard`, async stage => {
    const content = stage.newContent({ trackers: [], isPrivate })
    const seed = await stage.newSeed(content, { pex })
    const one = await Gossip.dial(stage, seed.address, content, { listenPort: 1111 })
    const other = await Gossip.dial(stage, seed.address, content, { listenPort: 2222 })
    assert.ok(one.offers!.includes('ut_metadata') && !one.offers!.includes('ut_pex'))
    const [target] = targets(stage, 1)
    one.tell([address(target!.at, 6881)])
    await stage.pass(2 * MINUTE)
    assert.deepEqual([one.heard, other.heard, target!.dialed], [[], [], 0])
    // The same when it dials.
    const host = stage.network.newHost()
    let met: Gossip | null = null
    await FakePeer.listen(host, address(host.at, 7000), peer => {
      met = new Gossip(stage, peer)
      peer.onHandshake = () => met!.greet(content)
    })
    seed.session.torrents()[0]!.addPeers([address(host.at, 7000)])
    await stage.until(() => (met?.offers ?? null) !== null)
    assert.ok(!met!.offers!.includes('ut_pex'))
    for (const gossip of [one, other, met!]) gossip.peer.leave()
  })
}

story('of a magnet nobody is told before its metadata says that it is not private', async stage => {
  const { content, seed } = await lonelySeed(stage)
  const client = await stage.newClient()
  const torrent = await client.addMagnet(content.magnet)
  const gossip = await Gossip.dial(stage, client.address, content, { listenPort: 1111 })
  await Gossip.dial(stage, client.address, content, { listenPort: 2222 })
  await stage.pass(2 * MINUTE)
  assert.deepEqual(gossip.heard, [])
  torrent.addPeers([seed.address])
  await stage.completed(client, torrent, content)
  await stage.until(() => gossip.told.length > 0, { within: 2 * MINUTE })
})

story(
  'a magnet that turns out to be private lets go of whom it was told of, and keeps those it may',
  async stage => {
    const content = stage.newContent({ isPrivate: true, files: 3_000_000 })
    const tracker = stage.newTracker()
    // Dribbles: the download is to last.
    const seed = await stage.newSeed(content, { line: { up: 3000 } })
    const client = await stage.newClient()
    const told = stage.network.newHost()
    const met: FakePeer[] = []
    await FakePeer.listen(told, address(told.at, 6881), peer => {
      met.push(peer)
      peer.onHandshake = ({ infoHash }) => {
        peer.greet({ infoHash })
        peer.say(say.extended(0, encodeBencode({ m: {} })), say.haveNone)
      }
    })
    const torrent = await client.addMagnet(content.magnet.replace(/&tr=.*/, ''))
    const liar = await Gossip.dial(stage, client.address, content)
    const silent = stage.network.newHost()
    liar.tell([address(told.at, 6881), address(silent.at, 6881)])
    await stage.until(() => met.length === 1 && met[0]!.handshake !== null)
    assert.equal(silent.dialed, 1)

    torrent.addTrackers(['http://tracker/'])
    await stage.settled(torrent.metadata())
    await stage.until(() => met[0]!.isClosed, { within: 1000 })
    assert.ok(client.heard('peer-disconnected').some(({ reason }) => reason === 'torrent-private'))
    liar.tell([address(told.at, 6881), address(silent.at, 6881)])
    await stage.pass(2 * MINUTE)
    assert.deepEqual([told.dialed, silent.dialed], [1, 1])
    assert.ok(!liar.peer.isClosed && torrent.status().peers >= 2, 'who came by itself, and the seed')
    assert.ok(tracker.from(client.host.at).length > 0)
    assert.equal(liar.heard.length, 0)
    void seed
    liar.peer.leave()
  },
)

for (const [when, latency] of [
  ['is being dialled', 8000],
  ['has yet to answer our handshake', 10],
] as const) {
  story(`a peer that ${when} when the torrent turns out to be private is let go`, async stage => {
    const content = stage.newContent({ isPrivate: true, files: 3_000_000 })
    stage.newTracker()
    const seed = await stage.newSeed(content, { line: { up: 3000 } })
    const client = await stage.newClient()
    const host = stage.network.newHost({ latency })
    const met: FakePeer[] = []
    await FakePeer.listen(host, address(host.at, 6881), peer => void met.push(peer))
    const torrent = await client.addMagnet(content.magnet.replace(/&tr=.*/, ''))
    const liar = await Gossip.dial(stage, client.address, content)
    liar.tell([address(host.at, 6881)])
    await stage.until(() => host.dialed === 1 && (latency > 1000 || (met[0]?.handshake ?? null) !== null))
    torrent.addPeers([seed.address])
    await stage.settled(torrent.metadata())
    const [peer] = met
    if (peer?.handshake) peer.greet({ infoHash: content.info.hashes.v1! })
    await stage.pass(40_000)
    assert.ok(met.every(({ isClosed }) => isClosed))
    assert.equal(met.filter(({ handshake }) => handshake).length, latency > 1000 ? 0 : 1)
    assert.equal(torrent.status().peers, 2, 'the seed, and the liar, who came by itself')
    liar.peer.leave()
  })
}
