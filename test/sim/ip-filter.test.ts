import assert from 'node:assert/strict'
import { address } from '../../src/core/address.ts'
import { utf8Bytes } from '../../src/core/bytes.ts'
import { IpFilterReader } from '../../src/ip-filter/ip-filter-reader.ts'
import { FakePeer, say } from './fake-peer.ts'
import { Gossip } from './gossip.ts'
import { story } from './story.ts'

function filterOf(...lines: string[]) {
  const reader = new IpFilterReader()
  reader.read(utf8Bytes(lines.join('\n')))
  return reader.filter()
}

story(
  'nobody at a blocked address is dialled, whoever names it, and nobody there is let in or hears a byte',
  async stage => {
    const content = stage.newContent()
    stage.newTracker()
    const blocked = await stage.newSeed(content, { host: stage.network.newHost({ at: '203.0.113.5' }) })
    const client = await stage.newClient({ ipFilter: filterOf('bad:203.0.113.0-203.0.113.255') })
    const torrent = await client.add(content, { peers: [blocked.address] })
    const gossip = await Gossip.dial(stage, client.address, content)
    gossip.tell([blocked.address])
    const before = blocked.host.dialed
    await stage.pass(60_000)
    assert.equal(torrent.status().peers, 1, 'the gossip')
    assert.equal(blocked.host.dialed, before)
    const dialling = stage.network.newHost({ at: '203.0.113.6' })
    const peer = await FakePeer.dial(stage, dialling, client.address)
    peer.greet({ infoHash: content.info.hashes.v1! })
    await stage.until(() => peer.isClosed, { within: 1000 })
    assert.equal(peer.handshake, null)
    assert.ok(blocked.heard('peer-disconnected').every(({ address: at }) => at.host !== client.host.at))
    const { ranges, refused } = client.session.ipFilter
    assert.ok(ranges === 1 && refused >= 3, `${ranges} ${refused}`)
    assert.ok(client.heard('addresses-blocked').length >= 1)
    gossip.peer.leave()
  },
)

story(
  'a filter that is set while all goes on ends what it blocks, and one that is gone lets it back in',
  async stage => {
    const content = stage.newContent({ trackers: [], files: 3_000_000 })
    const seed = await stage.newSeed(content, { line: { up: 40_000 } })
    const client = await stage.newClient()
    const torrent = await client.add(content, { peers: [seed.address] })
    const incoming = await FakePeer.dial(stage, stage.network.newHost(), client.address)
    incoming.greet({ infoHash: content.info.hashes.v1! })
    incoming.say(say.haveNone)
    const stranger = await FakePeer.dial(stage, stage.network.newHost(), client.address)
    await stage.until(() => torrent.status().peers === 2)
    client.session.setIpFilter(filterOf(`${seed.host.at}/32`, incoming.host.at, stranger.host.at))
    await stage.until(() => incoming.isClosed && stranger.isClosed, { within: 1000 })
    assert.equal(torrent.status().peers, 0)
    assert.deepEqual(new Set(client.endings), new Set(['peer-blocked']))
    const { dialed } = seed.host
    torrent.addPeers([seed.address])
    await stage.pass(600_000)
    assert.equal(seed.host.dialed, dialed)
    client.session.setIpFilter(null)
    assert.equal(client.session.ipFilter.ranges, 0)
    torrent.addPeers([seed.address])
    await stage.completed(client, torrent, content)
  },
)

story('a peer that is blocked while it is being dialled is not greeted', async stage => {
  const content = stage.newContent({ trackers: [] })
  const client = await stage.newClient()
  const host = stage.network.newHost({ latency: 500 })
  const met: FakePeer[] = []
  await FakePeer.listen(host, address(host.at, 7000), peer => void met.push(peer))
  await client.add(content, { peers: [address(host.at, 7000)] })
  await stage.until(() => host.dialed === 1)
  client.session.setIpFilter(filterOf(host.at))
  await stage.pass(10_000)
  assert.ok(met.every(peer => peer.isClosed && peer.handshake === null))
})

story('alerts of blocked addresses come once a minute, however many there are', async stage => {
  const content = stage.newContent({ trackers: [] })
  const client = await stage.newClient({ ipFilter: filterOf('203.0.113.0/24') })
  const torrent = await client.add(content)
  for (let i = 0; i < 5; i++) {
    torrent.addPeers(Array.from({ length: 100 }, (_, port) => address(`203.0.113.${i}`, port + 1)))
    await stage.pass(31_000)
  }
  const alerts = client.heard('addresses-blocked')
  assert.deepEqual(
    alerts.map(({ count }) => count),
    [1, 200, 200],
  )
  assert.equal(client.session.ipFilter.refused, 500)
})
