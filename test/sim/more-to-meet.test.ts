import assert from 'node:assert/strict'
import { type Stage, story } from './story.ts'

const OTHER = 'http://other/'

/** A seed and a client that know nobody: their torrent names no tracker, and there is one all the same. */
async function strangers(stage: Stage) {
  const content = stage.newContent({ trackers: [] })
  const other = stage.newTracker({}, OTHER)
  const seed = await stage.newSeed(content)
  const leech = await stage.newClient()
  return { content, other, seed, leech }
}

story('a tracker that is named while the torrent runs is asked at once', async stage => {
  const { content, other, seed, leech } = await strangers(stage)
  seed.session.torrents()[0]!.addTrackers([OTHER])
  const torrent = await leech.add(content)
  await stage.pass(60_000)
  assert.equal(torrent.status().peers, 0)
  assert.equal(other.from(seed.host.at).length, 1)
  torrent.addTrackers([OTHER, OTHER])
  await stage.completed(leech, torrent, content)
  assert.deepEqual(
    torrent.status().trackers.map(({ url }) => url),
    [OTHER],
  )
})

story(
  'a tracker that is named behind one that fails is asked as well, and behind one that answers it waits',
  async stage => {
    const content = stage.newContent() // `http://tracker/`, which is not there yet
    const other = stage.newTracker({}, OTHER)
    const first = await stage.newClient({ disk: content.onDisk() })
    const seeding = await first.add(content)
    await stage.settled(seeding.checked())
    await stage.pass(1000)
    seeding.addTrackers([OTHER])
    await stage.pass(1000)
    assert.equal(other.from(first.host.at).length, 1)

    const tracker = stage.newTracker()
    const second = await stage.newSeed(content)
    await stage.pass(1000)
    second.session.torrents()[0]!.addTrackers([OTHER])
    await stage.pass(60_000)
    assert.equal(tracker.from(second.host.at).length, 1)
    assert.equal(other.from(second.host.at).length, 0)
  },
)

story('what is named while a torrent is paused is asked and met when it goes on', async stage => {
  const { content, other, seed, leech } = await strangers(stage)
  const torrent = await leech.add(content, { isPaused: true })
  torrent.addTrackers([OTHER])
  torrent.addPeers([seed.address])
  await stage.pass(60_000)
  assert.deepEqual([torrent.status().peers, other.from(leech.host.at).length], [0, 0])
  await stage.settled(torrent.resume())
  await stage.completed(leech, torrent, content)
  assert.equal(other.from(leech.host.at)[0]?.event, 'started')
})

story('a peer that is named while the torrent runs is met; a magnet too is fetched from it', async stage => {
  const { content, seed, leech } = await strangers(stage)
  const torrent = await leech.add(content)
  const third = await stage.newClient()
  const magnet = await third.addMagnet(content.magnet)
  await stage.pass(60_000)
  assert.equal(torrent.status().peers + magnet.status().peers, 0)
  torrent.addPeers([seed.address])
  magnet.addPeers([seed.address])
  await stage.completed(leech, torrent, content)
  await stage.completed(third, magnet, content)
})

story('no tracker is asked where none is to be', async stage => {
  const content = stage.newContent()
  const tracker = stage.newTracker()
  const client = await stage.newClient()
  const torrent = await client.add(content, { announces: false })
  torrent.addTrackers(['http://tracker/'])
  await stage.pass(60_000)
  assert.equal(tracker.from(client.host.at).length, 0)
})

story('a torrent that was taken out asks nobody and meets nobody any more', async stage => {
  const { content, other, seed, leech } = await strangers(stage)
  const torrent = await leech.add(content)
  await stage.settled(torrent.checked())
  await stage.settled(torrent.remove())
  torrent.addTrackers([OTHER])
  torrent.addPeers([seed.address])
  await stage.pass(60_000)
  assert.equal(other.from(leech.host.at).length, 0)
  assert.equal(leech.heard('peer-connected').length, 0)
})
