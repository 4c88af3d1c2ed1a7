import assert from 'node:assert/strict'
import { story } from './story.ts'

const KIB = 1024

story('the walk: announces, download, seed for the rest', async stage => {
  const tracker = stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
  const content = stage.newContent({ pieceLength: 64 * KIB, files: 6016 * KIB })
  const seeds = [await stage.newSeed(content), await stage.newSeed(content)]
  const leech = await stage.newClient({ line: { down: 40 * KIB } })
  const torrent = await leech.add(content)

  // Step 7, first half: announces at the interval say what is true at that moment.
  await stage.until(() => tracker.from(leech.host.at).length === 3)
  const [started, first] = tracker.from(leech.host.at)
  assert.deepEqual(
    { event: started!.event, left: started!.left, downloaded: started!.downloaded, port: started!.port },
    { event: 'started', left: 6016 * KIB, downloaded: 0, port: 6881 },
  )
  assert.equal(first!.event, null)
  assert.ok(first!.at - started!.at >= 60_000 && first!.at - started!.at < 63_000)
  assert.ok(first!.downloaded > 60 * 30 * KIB && first!.downloaded < 60 * 41 * KIB)
  const verified = leech.heard('piece-verified').filter(alert => alert.at <= first!.at).length
  assert.equal(first!.left, 6016 * KIB - verified * 64 * KIB)

  // It is found by one that comes later, and goes on for that one when it is complete and has left the seeds.
  const late = await stage.newClient({ line: { down: 20 * KIB } })
  const lateTorrent = await late.add(content)
  await stage.completed(leech, torrent, content)
  assert.deepEqual(leech.endings, ['both-seeds', 'both-seeds'])
  assert.equal(torrent.status().state, 'seeding')
  await stage.pass(1000)
  assert.deepEqual(tracker.from(leech.host.at).filter(({ event }) => event === 'completed').length, 1)
  assert.equal(tracker.from(leech.host.at).at(-1)!.left, 0)
  assert.equal(tracker.from(leech.host.at).at(-1)!.downloaded, torrent.status().downloaded)
  for (const seed of seeds) await stage.settled(seed.session.close())
  await stage.completed(late, lateTorrent, content)
  assert.ok(torrent.status().uploaded > 1000 * KIB)

  // Everybody says goodbye once.
  await stage.settled(leech.session.close())
  assert.equal(tracker.from(leech.host.at).at(-1)!.event, 'stopped')
  assert.equal(tracker.from(leech.host.at).at(-1)!.uploaded, torrent.status().uploaded)
  for (const client of [leech, ...seeds]) {
    const said = tracker.from(client.host.at).map(({ event }) => event)
    assert.equal(said.filter(event => event === 'started').length, 1)
    assert.equal(said.filter(event => event === 'stopped').length, 1)
  }
  for (const seed of seeds) {
    assert.ok(tracker.from(seed.host.at).every(({ event }) => event !== 'completed'))
  }
})

story('a tracker that never answers does not hold up leaving', async stage => {
  const tracker = stage.newTracker()
  const content = stage.newContent()
  const seed = await stage.newSeed(content)
  await stage.until(() => seed.heard('tracker-answered').length === 1)
  tracker.trouble = 'silent'
  const began = stage.now
  await stage.settled(seed.session.close())
  assert.ok(stage.now - began <= 6000)
})

story('a tracker that refuses is asked again later, and the swarm goes on', async stage => {
  const tracker = stage.newTracker()
  const content = stage.newContent()
  const seed = await stage.newSeed(content)
  tracker.trouble = 'come back later'
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [seed.address] })
  await stage.completed(leech, torrent, content)
  assert.equal(leech.heard('tracker-failed')[0]!.error.code, 'tracker-refused')
  tracker.trouble = null
  await stage.until(() => leech.heard('tracker-answered').length > 0, { within: 60_000 })
})
