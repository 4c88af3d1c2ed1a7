import assert from 'node:assert/strict'
import { StorageError } from '../../src/core/errors.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import type { TorrentHandle } from '../../src/client/torrent-handle.ts'
import type { Content } from './content.ts'
import type { SimClient } from './sim-client.ts'
import { type Stage, story } from './story.ts'

const KIB = 1024

/** So many contents, all with one seed. */
async function contentsOf(stage: Stage, count: number, up = 300 * KIB): Promise<Content[]> {
  stage.newTracker()
  const contents = Array.from({ length: count }, (_, at) =>
    stage.newContent({ name: `c${at}`, files: 600 * KIB }),
  )
  const seed = await stage.newClient({ line: { up } })
  for (const content of contents) {
    content.putOn(seed.disk)
    const torrent = await seed.add(content)
    await stage.settled(torrent.checked())
  }
  return contents
}

async function addAll(client: SimClient, contents: readonly Content[]): Promise<TorrentHandle[]> {
  const torrents: TorrentHandle[] = []
  for (const content of contents) torrents.push(await client.add(content))
  return torrents
}

function states(torrents: readonly TorrentHandle[]): string[] {
  return torrents.map(torrent => torrent.status().state)
}

story('as many torrents download as may, one after the other, and each waits for its turn', async stage => {
  const contents = await contentsOf(stage, 4)
  const leech = await stage.newClient({ activeDownloads: 2 })
  const torrents = await addAll(leech, contents)
  await stage.pass(1000)
  assert.deepEqual(states(torrents), ['downloading', 'downloading', 'queued', 'queued'])
  assert.deepEqual(
    torrents[2]!.explain().map(({ code }) => code),
    ['queued'],
  )
  assert.equal(torrents[3]!.status().downloaded, 0)
  assert.deepEqual(
    torrents.map(torrent => torrent.queuePosition),
    [0, 1, 2, 3],
  )
  let most = 0
  while (states(torrents).some(state => state !== 'seeding')) {
    await stage.pass(100)
    most = Math.max(most, states(torrents).filter(state => state === 'downloading').length)
  }
  assert.equal(most, 2)
  for (const content of contents) assert.equal(content.missingOn(leech.disk), null)
  assert.equal(leech.heard('torrent-queued').length, 2)
  assert.equal(leech.heard('torrent-dequeued').length, 2)
})

story('the place in line can be changed, and one that is forced needs none', async stage => {
  const contents = await contentsOf(stage, 4, 100 * KIB)
  const leech = await stage.newClient({ activeDownloads: 1 })
  const [a, b, c, d] = await addAll(leech, contents)
  const all = [a!, b!, c!, d!]
  await stage.pass(1000)
  d!.moveInQueue(0)
  await stage.pass(1000)
  assert.deepEqual(states(all), ['queued', 'queued', 'queued', 'downloading'])
  c!.setForced(true)
  await stage.pass(1000)
  assert.deepEqual(states(all), ['queued', 'queued', 'downloading', 'downloading'])
  d!.pause()
  await stage.pass(1000)
  assert.deepEqual(states(all), ['downloading', 'queued', 'downloading', 'paused'])
  a!.moveInQueue(Number.POSITIVE_INFINITY)
  assert.equal(a!.queuePosition, 3)
  leech.session.setQueueLimits({ activeDownloads: Number.POSITIVE_INFINITY })
  await stage.pass(1000)
  assert.deepEqual(states(all), ['downloading', 'downloading', 'downloading', 'paused'])
  await stage.settled(a!.remove())
  await stage.settled(d!.resume())
  for (const [at, torrent] of [b!, c!, d!].entries()) await stage.completed(leech, torrent, contents[at + 1]!)
})

story('one that moves nothing keeps nobody waiting', async stage => {
  const contents = await contentsOf(stage, 1)
  const nobodyHas = stage.newContent({ name: 'lonely', files: 600 * KIB })
  const leech = await stage.newClient({ activeDownloads: 1 })
  const lonely = await leech.add(nobodyHas)
  const torrent = await leech.add(contents[0]!)
  await stage.pass(30_000)
  assert.deepEqual(states([lonely, torrent]), ['downloading', 'queued'])
  await stage.pass(60_000)
  assert.deepEqual(states([lonely, torrent]), ['downloading', 'seeding'])
})

story('as many seed as may', async stage => {
  const contents = await contentsOf(stage, 3)
  const leech = await stage.newClient({ activeSeeds: 1 })
  const torrents = await addAll(leech, contents)
  for (const torrent of torrents) await stage.settled(torrent.completed())
  await stage.pass(1000)
  assert.equal(states(torrents).filter(state => state === 'seeding').length, 1)
  assert.equal(states(torrents).filter(state => state === 'queued').length, 2)
})

story('a torrent that has given enough is paused', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 600 * KIB })
  const seed = await stage.newClient({ disk: content.onDisk(), state: new MemoryStateFiles() })
  const torrent = await seed.add(content, { goals: { ratio: 2 } })
  for (let round = 0; round < 3; round++) {
    const leech = await stage.newClient()
    const wanted = await leech.add(content)
    if (round < 2) await stage.completed(leech, wanted, content)
    else await stage.pass(120_000)
    await stage.settled(leech.session.close())
    await stage.pass(10_000)
  }
  assert.equal(torrent.status().state, 'paused')
  assert.equal(torrent.status().uploaded, 2 * content.wireLength)
  assert.deepEqual(
    seed.heard('goal-reached').map(({ goal }) => goal),
    ['ratio'],
  )
  await stage.settled(torrent.resume())
  const leech = await stage.newClient()
  await stage.completed(leech, await leech.add(content), content)
  assert.equal(torrent.status().state, 'seeding', 'who resumes it wants it to go on')
})

story('goals of time are kept by torrents that rest, and over sessions', async stage => {
  stage.newTracker()
  const content = stage.newContent()
  const state = new MemoryStateFiles()
  const disk = content.onDisk()
  const first = await stage.newClient({ disk, state, goals: { seedingTime: 3600 } })
  const torrent = await first.add(content)
  await stage.settled(torrent.checked())
  await stage.pass(3_000_000)
  assert.equal(torrent.status().isResting, true)
  assert.equal(torrent.status().state, 'seeding')
  await stage.settled(first.session.close())
  const second = await stage.newClient({ disk, state, goals: { seedingTime: 3600 } })
  const again = await second.add(content)
  await stage.pass(500_000)
  assert.equal(again.status().state, 'seeding')
  await stage.pass(110_000)
  assert.equal(again.status().state, 'paused')
  again.setGoals({ idleTime: 60 })
  await stage.settled(again.resume())
  await stage.pass(50_000)
  assert.equal(again.status().state, 'seeding')
  await stage.pass(20_000)
  assert.equal(again.status().state, 'paused')
  assert.deepEqual(
    second.heard('goal-reached').map(({ goal }) => goal),
    ['seedingTime', 'idleTime'],
  )
})

story('what was said of a torrent holds in the next session', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: { 'a.bin': 300 * KIB, 'b.bin': 300 * KIB } })
  await stage.newSeed(content)
  const state = new MemoryStateFiles()
  const first = await stage.newClient({ state })
  const torrent = await first.add(content, { isPaused: true })
  torrent.setLimits({ downloadLimit: 50 * KIB })
  await stage.settled(torrent.checked())
  await stage.settled(torrent.file('b.bin').setPriority('skip'))
  await stage.settled(first.session.close())

  const second = await stage.newClient({ state, disk: first.disk })
  const again = await second.add(content)
  await stage.pass(60_000)
  assert.equal(again.status().state, 'paused')
  assert.equal((await stage.settled(again.file('b.bin').status())).priority, 'skip')
  await stage.settled(again.resume())
  const begun = stage.now
  await stage.settled(again.completed())
  assert.ok(stage.now - begun > 5000, '300 KiB at 50 KiB/s')
  await stage.settled(second.session.close())

  const third = await stage.newClient({ state, disk: first.disk })
  const all = await third.add(content, { select: () => true, downloadLimit: Number.POSITIVE_INFINITY })
  await stage.completed(third, all, content)
})

story('a torrent whose settings the disk refuses is not added, and they are as they were', async stage => {
  const content = stage.newContent({ trackers: [] })
  const refusing = new (class extends MemoryStateFiles {
    isRefusing = false
    override async read(path: string): Promise<Uint8Array | null> {
      if (this.isRefusing) throw new StorageError('file-unreadable', `${path} cannot be read`, { path })
      return super.read(path)
    }
  })()
  const first = await stage.newClient({ state: refusing })
  const torrent = await first.add(content)
  torrent.setLimits({ uploadLimit: 1000 })
  await stage.settled(torrent.move('elsewhere'))
  await stage.settled(first.session.close())
  const client = await stage.newClient({ state: refusing, disk: first.disk })
  refusing.isRefusing = true
  await assert.rejects(client.add(content), { code: 'file-unreadable' })
  assert.deepEqual(client.session.torrents(), [])
  refusing.isRefusing = false
  assert.equal((await client.add(content)).folder, 'elsewhere')
})

story('settings that are damaged, or newer, say nothing', async stage => {
  stage.newTracker()
  const content = stage.newContent()
  await stage.newSeed(content)
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"version":2,"isPaused":true}',
    '{"version":1,"isPaused":1,"goals":7}',
  ]) {
    const state = new MemoryStateFiles()
    const probe = await stage.newClient({ state })
    const before = await probe.add(content)
    before.pause()
    await stage.settled(probe.session.close())
    const [path] = [...state.files.keys()].filter(name => name.endsWith('settings.json'))
    await state.replace(path!, new TextEncoder().encode(text))
    const client = await stage.newClient({ state })
    await stage.completed(client, await client.add(content), content)
    await stage.settled(client.session.close())
  }
})
