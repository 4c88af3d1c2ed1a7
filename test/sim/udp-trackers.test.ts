import assert from 'node:assert/strict'
import { address } from '../../src/core/address.ts'
import type { DatagramSocket } from '../../src/core/ports.ts'
import { type Stage, story } from './story.ts'
import { SimUdpTracker } from './sim-udp-tracker.ts'

const KIB = 1024

/** Of a machine that has IPv6 and no way into its network: what is sent vanishes. */
const NO_WAY_OUT: DatagramSocket = {
  local: address('::', 6881),
  dropped: 0,
  send: () => undefined,
  close: async () => undefined,
}

async function newUdpTracker(stage: Stage, line = {}) {
  return await SimUdpTracker.open(stage.network.newHost(line), stage.newTracker({}, 'http://nobody/'))
}

story('a torrent meets others through a UDP tracker, which hears of all that happens', async stage => {
  const tracker = await newUdpTracker(stage)
  const content = stage.newContent({ files: 20 * 64 * KIB, trackers: [tracker.url] })
  const seed = await stage.newSeed(content)
  await stage.until(() => seed.heard('tracker-answered').length > 0)
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.completed(leech, torrent, content)
  await stage.until(() => leech.heard('tracker-answered').length === 2)
  assert.equal(torrent.status().trackers[0]?.state, 'working')
  assert.deepEqual([leech.heard('tracker-answered').map(({ event }) => event)], [['started', 'completed']])
  assert.equal(tracker.urlData, '/announce?key=1')
  await stage.settled(leech.session.close())
  assert.equal(leech.heard('tracker-answered').at(-1)?.event, 'stopped')
})

story('sessions that listen nowhere ask from a port of their own', async stage => {
  const tracker = await newUdpTracker(stage)
  const content = stage.newContent({ trackers: [tracker.url] })
  await stage.newSeed(content)
  const leech = await stage.newClient({ isListening: false })
  const torrent = await leech.add(content)
  await stage.completed(leech, torrent, content)
})

story('what gets lost on the way to a UDP tracker is sent again', async stage => {
  const tracker = await newUdpTracker(stage, { loss: 0.3 })
  const content = stage.newContent({ trackers: [tracker.url] })
  await stage.newSeed(content)
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.completed(leech, torrent, content)
})

story('a UDP tracker that is silent is passed over after 45 s, and asked again later', async stage => {
  const [silent, tracker] = [await newUdpTracker(stage), await newUdpTracker(stage)]
  silent.isDeaf = true
  const content = stage.newContent({ trackers: [silent.url] })
  const seed = await stage.newClient({ disk: content.onDisk() })
  await seed.add(content, { trackers: [tracker.url] })
  await stage.until(() => seed.heard('tracker-answered').length > 0)
  const leech = await stage.newClient()
  const from = stage.now
  const torrent = await leech.add(content, { trackers: [tracker.url] })
  await stage.completed(leech, torrent, content)
  const [failed] = leech.heard('tracker-failed')
  assert.deepEqual([failed?.tracker, failed?.error.code], [silent.url, 'tracker-unreachable'])
  assert.ok(failed!.at - from >= 45_000 && failed!.at - from < 46_000)
})

story('many torrents share one connection to their UDP tracker', async stage => {
  const tracker = await newUdpTracker(stage)
  const client = await stage.newClient()
  for (let i = 0; i < 200; i++) {
    const content = stage.newContent({ name: `torrent ${i}`, files: 1000, trackers: [tracker.url] })
    await client.add(content)
  }
  await stage.until(() => client.heard('tracker-answered').length === 200, { within: 30_000 })
  assert.deepEqual(
    tracker.asked.filter(what => what === 'connect'),
    ['connect'],
  )
})

story('a UDP tracker whose URL cannot be used is not asked, and the others are', async stage => {
  const tracker = await newUdpTracker(stage)
  const content = stage.newContent({ trackers: ['udp://tracker.example/announce'] })
  const trackers = ['udp://unknown.example:1/', tracker.url]
  const seed = await stage.newClient({ disk: content.onDisk() })
  await seed.add(content, { trackers })
  await stage.until(() => seed.heard('tracker-answered').length > 0)
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { trackers })
  await stage.completed(leech, torrent, content)
  assert.deepEqual(
    leech.heard('tracker-failed').map(({ error }) => error.code),
    ['tracker-unsupported', 'tracker-unreachable'],
  )
})

story('a UDP tracker that is silent over one address family is heard over the other', async stage => {
  const host = stage.network.newHost()
  const tracker = await SimUdpTracker.open(host, stage.newTracker({}, 'http://nobody/'))
  stage.names.set('both.example', [address('2001:db8::1', 0), address(host.at, 0)])
  const client = await stage.newClient({ isListening: false })
  const bind = client.host.bind.bind(client.host)
  client.host.bind = (at, receive) => (at.family === 6 ? Promise.resolve(NO_WAY_OUT) : bind(at, receive))
  const from = stage.now
  await client.add(stage.newContent({ trackers: ['udp://both.example:6969/'] }))
  await stage.until(() => client.heard('tracker-answered').length > 0)
  assert.ok(stage.now - from < 3000, `${stage.now - from} ms`)
  assert.deepEqual(tracker.asked, ['connect', 'announce'])
})
