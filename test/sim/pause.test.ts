import assert from 'node:assert/strict'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { type Stage, story } from './story.ts'

const KIB = 1024

/** A leech in the middle of a download from a slow seed. */
async function downloading(stage: Stage, how: { state?: MemoryStateFiles } = {}) {
  const tracker = stage.newTracker()
  const content = stage.newContent({ files: 4000 * KIB, pieceLength: 64 * KIB })
  const seed = await stage.newSeed(content, { line: { up: 200 * KIB } })
  const leech = await stage.newClient(how)
  const torrent = await leech.add(content)
  await stage.until(() => torrent.status().verifiedPieces > 10)
  return { tracker, content, seed, leech, torrent }
}

story('a pause really pauses, and what is resumed goes on where it was', async stage => {
  const { tracker, content, seed, leech, torrent } = await downloading(stage, {
    state: new MemoryStateFiles(),
  })
  torrent.pause()
  torrent.pause()
  await stage.pass(1000)
  const before = torrent.status()
  assert.equal(before.state, 'paused')
  assert.equal(before.peers, 0)
  assert.equal(tracker.from(leech.host.at).at(-1)?.event, 'stopped')
  const announces = tracker.from(leech.host.at).length
  await stage.pass(3_600_000)
  const after = torrent.status()
  assert.deepEqual(
    [after.downloaded, after.uploaded, after.verifiedPieces, after.peers],
    [before.downloaded, before.uploaded, before.verifiedPieces, 0],
  )
  assert.equal(tracker.from(leech.host.at).length, announces, 'nothing is announced')
  assert.equal(after.isResting, true)

  await stage.settled(torrent.resume())
  await stage.completed(leech, torrent, content)
  assert.equal(tracker.from(leech.host.at)[announces]?.event, 'started')
  const twice = torrent.status().downloaded - content.wireLength
  assert.ok(twice <= 64 * KIB, `${twice} bytes came twice`)
  assert.equal(leech.heard('torrent-paused').length, 1)
  assert.equal(leech.heard('torrent-resumed').length, 1)
  assert.ok(seed.session.torrents()[0]!.status().uploaded > 0)
})

story('whoever comes to a torrent that is paused is turned away, and may come back', async stage => {
  const content = stage.newContent()
  const seed = await stage.newSeed(content)
  const [torrent] = seed.session.torrents()
  torrent!.pause()
  const leech = await stage.newClient()
  const wanted = await leech.add(content, { peers: [seed.address] })
  await stage.pass(60_000)
  assert.equal(wanted.status().downloaded, 0)
  assert.equal(torrent!.status().peers, 0)
  await stage.settled(torrent!.resume())
  await stage.completed(leech, wanted, content)
})

story('a torrent added paused meets nobody and hashes nothing before it is resumed', async stage => {
  const tracker = stage.newTracker()
  const content = stage.newContent()
  await stage.newSeed(content)
  const leech = await stage.newClient({ disk: content.onDisk() })
  const torrent = await leech.add(content, { isPaused: true })
  await stage.pass(600_000)
  assert.equal(torrent.status().state, 'paused')
  assert.equal(leech.diskLog.digested, 0)
  assert.deepEqual(tracker.from(leech.host.at), [])
  await stage.settled(torrent.resume())
  await stage.completed(leech, torrent, content)
  assert.equal(torrent.status().downloaded, 0)
})

story('a magnet that is paused fetches no metadata', async stage => {
  stage.newTracker()
  const content = stage.newContent()
  await stage.newSeed(content)
  const leech = await stage.newClient()
  const torrent = await leech.addMagnet(content.magnet, { isPaused: true })
  await stage.pass(600_000)
  assert.equal(torrent.status().peers, 0)
  assert.equal(torrent.status().pieces, 0)
  await stage.settled(torrent.resume())
  await stage.completed(leech, torrent, content)
})

story(
  'pauses and resumptions in quick turn end as the last one said, and trackers hear them in order',
  async stage => {
    const { tracker, content, leech, torrent } = await downloading(stage)
    const resumptions: Promise<void>[] = []
    for (let turn = 0; turn < 5; turn++) {
      torrent.pause()
      resumptions.push(torrent.resume())
    }
    torrent.pause()
    await stage.settled(Promise.all(resumptions))
    await stage.pass(60_000)
    assert.equal(torrent.status().state, 'paused')
    assert.equal(tracker.from(leech.host.at).at(-1)?.event, 'stopped')
    await stage.settled(torrent.resume())
    await stage.completed(leech, torrent, content)
  },
)

story('a torrent that is paused can be taken out, and its session closed', async stage => {
  const { tracker, leech, torrent } = await downloading(stage)
  torrent.pause()
  await stage.settled(torrent.remove())
  const events = tracker.from(leech.host.at).map(({ event }) => event)
  assert.equal(events.filter(event => event === 'stopped').length, 1)
  await torrent.resume()
  torrent.pause()
  await stage.settled(leech.session.close())
})
