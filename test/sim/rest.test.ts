import assert from 'node:assert/strict'
import { CLIENT_LIMITS } from '../../src/client/limits.ts'
import { address } from '../../src/core/address.ts'
import { formatHex } from '../../src/core/bytes.ts'
import { StorageError } from '../../src/core/errors.ts'
import type { StorageRequest } from '../../src/client/session-ports.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { MemoryDisk, MemoryStorage } from '../../src/storage/memory-storage.ts'
import { ResumeLog } from '../../src/storage/resume-log.ts'
import { storedTorrent } from '../../src/storage/stored-torrent.ts'
import type { TorrentHandle } from '../../src/client/torrent-handle.ts'
import { type Stage, story } from './story.ts'

const KIB = 1024
/** Longer than a torrent stays awake without peers. */
const LONG = 120_000

/** Changes with time, or says only that it rests. */
const CHANGING = ['trackers', 'isResting', 'knownPeers', 'error']

function lasting(status: object): object {
  return Object.fromEntries(Object.entries(status).filter(([key]) => !CHANGING.includes(key)))
}

for (const format of ['v1', 'v2', 'hybrid'] as const) {
  story(`a seed that rests can be seen as before, and serves who comes: ${format}`, async stage => {
    stage.newTracker()
    const content = stage.newContent({ format, files: { one: 100 * KIB, two: 333 * KIB, none: 0 } })
    const seed = await stage.newSeed(content, { state: new MemoryStateFiles() })
    const [torrent] = seed.session.torrents()
    const before = { status: lasting(torrent!.status()), map: torrent!.pieceMap() }
    assert.equal(torrent!.status().isResting, false)
    await stage.pass(LONG)
    assert.equal(torrent!.status().isResting, true)
    assert.deepEqual({ status: lasting(torrent!.status()), map: torrent!.pieceMap() }, before)
    assert.deepEqual((await stage.settled(torrent!.metadata())).info.bytes, content.info.bytes)
    assert.deepEqual(await stage.settled(torrent!.torrentFile()), content.torrentFile)
    assert.equal(torrent!.status().isResting, true)

    const { digested, broadSyncs } = seed.diskLog
    assert.equal(broadSyncs, 1)
    const leech = await stage.newClient()
    await stage.completed(leech, await leech.add(content), content)
    const late = await stage.newClient()
    await stage.completed(late, await late.addMagnet(content.magnet), content)
    assert.equal(torrent!.status().isResting, false)
    // Waking believes what is as it was.
    assert.equal(seed.diskLog.digested, digested)
    assert.equal(seed.diskLog.broadSyncs, broadSyncs)
    assert.ok(torrent!.status().uploaded >= content.wireLength)

    for (const client of [leech, late]) await stage.settled(client.session.close())
    const { uploaded } = torrent!.status()
    await stage.pass(LONG)
    assert.equal(torrent!.status().isResting, true)
    assert.equal(torrent!.status().uploaded, uploaded)
  })
}

story('a seed alone with its tracker rests, announces, and tells it the truth', async stage => {
  const tracker = stage.newTracker()
  const seed = await stage.newSeed(stage.newContent(), { state: new MemoryStateFiles() })
  await stage.pass(3 * 3_600_000)
  assert.equal(seed.session.torrents()[0]!.status().isResting, true)
  const announces = tracker.from(seed.host.at)
  assert.ok(announces.length > 3)
  assert.ok(announces.every(({ left }) => left === 0))
})

story('whoever comes while a torrent lies down or gets up is served', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 100 * KIB })
  const seed = await stage.newSeed(content, { state: new MemoryStateFiles(), line: { latency: 0 } })
  const [torrent] = seed.session.torrents()
  for (let early = 0; early < 40; early++) {
    await stage.until(() => torrent!.status().isResting)
    const leech = await stage.newClient({ line: { latency: early } })
    await stage.completed(leech, await leech.add(content, { peers: [seed.address] }), content)
    await stage.settled(leech.session.close())
    const left = stage.now
    // The next one comes about when the torrent lies down.
    await stage.pass(left + 60_000 - stage.now - 20 + early)
    const next = await stage.newClient()
    await stage.completed(next, await next.add(content, { peers: [seed.address] }), content)
    await stage.settled(next.session.close())
  }
})

story('of many that nobody asks for only few stay awake, and each serves who comes', async stage => {
  const { idleTorrents, openingTorrents } = CLIENT_LIMITS
  const count = idleTorrents + openingTorrents + 10
  const contents = Array.from({ length: count }, (_, i) => stage.newContent({ name: `c${i}`, files: 10_000 }))
  const disk = new MemoryDisk()
  for (const content of contents) content.putOn(disk)
  const keeper = await stage.newClient({ disk, state: new MemoryStateFiles() })
  const torrents: TorrentHandle[] = []
  for (const content of contents) torrents.push(await keeper.add(content))
  await stage.until(() => torrents.every(torrent => torrent.status().state === 'seeding'))
  const resting = (): number => torrents.filter(torrent => torrent.status().isResting).length
  await stage.until(() => resting() === count - idleTorrents)
  const leech = await stage.newClient()
  for (const at of [0, count - 1]) {
    const torrent = await leech.add(contents[at]!, { peers: [keeper.address] })
    await stage.settled(torrent.completed())
  }
  await stage.pass(1000)
  assert.equal(resting(), count - idleTorrents)
  await stage.pass(LONG)
  assert.ok(resting() > count - idleTorrents)
})

story('torrents of a folder that does not answer hold up only each other', async stage => {
  const { openingTorrents } = CLIENT_LIMITS
  const contents = Array.from({ length: openingTorrents + 3 }, (_, i) => stage.newContent({ name: `c${i}` }))
  const disk = new MemoryDisk()
  for (const content of contents) content.putOn(disk)
  const hang = Promise.withResolvers<void>()
  let opened = 0
  const openStorage = async ({ info, isWanted, folder }: StorageRequest): Promise<MemoryStorage> => {
    if (folder === 'dead') {
      opened++
      await hang.promise
    }
    return new MemoryStorage({ torrent: storedTorrent(info), disk, isWanted })
  }
  const client = await stage.newClient({ disk, state: new MemoryStateFiles(), ports: { openStorage } })
  const [good, ...others] = contents
  const stuck = await Promise.all(others.map(content => client.add(content, { folder: 'dead' })))
  const torrent = await client.add(good!)
  await stage.settled(torrent.completed())
  assert.equal(opened, openingTorrents)
  await stage.settled(stuck.at(-1)!.remove())
  hang.resolve()
  await stage.until(() => stuck.slice(0, -1).every(other => other.status().state === 'seeding'))
  assert.equal(opened, others.length - 1)
})

story('a download that nobody helps rests, and goes on where it was', async stage => {
  const content = stage.newContent({ files: 2000 * KIB, pieceLength: 256 * KIB })
  const helper = await stage.newSeed(content, { line: { up: 100 * KIB, down: 100 * KIB } })
  const state = new MemoryStateFiles()
  const leech = await stage.newClient({ state })
  const torrent = await leech.add(content, { peers: [helper.address] })
  await stage.until(() => torrent.status().downloaded > 900 * KIB)
  helper.die()
  await stage.until(() => torrent.status().isResting)
  const { verifiedPieces, downloaded, state: phase } = torrent.status()
  assert.equal(phase, 'downloading')
  assert.ok(verifiedPieces > 0 && verifiedPieces < 8)

  const seed = await stage.newSeed(content)
  const other = await stage.newClient()
  await other.add(content, { peers: [leech.address, seed.address] })
  await stage.until(() => !torrent.status().isResting)
  await stage.completed(leech, torrent, content)
  const twice = torrent.status().downloaded - content.wireLength
  assert.ok(downloaded > 900 * KIB && twice <= 32 * KIB, `${twice} bytes came twice`)
})

story('what was deleted while a torrent rested is not promised, and fetched again', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: { one: 200 * KIB, two: 200 * KIB } })
  const seed = await stage.newSeed(content)
  const keeper = await stage.newClient({ state: new MemoryStateFiles() })
  const torrent = await keeper.add(content)
  await stage.completed(keeper, torrent, content)
  await stage.until(() => torrent.status().isResting)
  keeper.disk.files.delete('folder/one')
  const leech = await stage.newClient()
  await stage.completed(leech, await leech.add(content), content)
  await stage.until(() => torrent.status().state === 'seeding')
  assert.equal(content.missingOn(keeper.disk), null)
  assert.ok(seed.session.torrents().length === 1)
})

story('a torrent whose torrent file was taken away fails, and nothing else does', async stage => {
  stage.newTracker()
  const state = new MemoryStateFiles()
  const content = stage.newContent({ name: 'one' })
  const seed = await stage.newSeed(content, { state })
  const [torrent] = seed.session.torrents()
  await stage.until(() => torrent!.status().isResting)
  for (const path of [...state.files.keys()]) if (path.endsWith('.torrent')) state.files.delete(path)
  await assert.rejects(stage.settled(torrent!.metadata()), { code: 'metainfo-gone' })
  const leech = await stage.newClient()
  await leech.add(content)
  await stage.until(() => torrent!.status().state === 'failed')
  assert.equal(torrent!.status().error?.code, 'metainfo-gone')

  const other = stage.newContent({ name: 'two' })
  for (const [path, bytes] of other.files) seed.disk.write(path, 0, bytes)
  await stage.settled((await seed.add(other)).checked())
  await stage.completed(leech, await leech.add(other), other)
})

/** A disk that is away at times. */
function fickleDisk(stage: Stage, disk: MemoryDisk) {
  const mount = { isThere: true, asked: 0 }
  const openStorage = async ({ info, isWanted }: StorageRequest) => {
    mount.asked++
    if (!mount.isThere) throw new StorageError('storage-unmounted', 'the disk is not there', { path: '/mnt' })
    return new MemoryStorage({ torrent: storedTorrent(info), isWanted, disk })
  }
  return { mount, ports: { openStorage }, stage }
}

story('a disk that is not there yet is waited for', async stage => {
  stage.newTracker()
  const content = stage.newContent()
  const { mount, ports } = fickleDisk(stage, content.onDisk())
  mount.isThere = false
  const seed = await stage.newClient({ ports })
  const torrent = await seed.add(content)
  await stage.pass(35_000)
  assert.equal(torrent.status().state, 'waiting')
  assert.equal(torrent.status().error?.code, 'storage-unmounted')
  assert.equal(mount.asked, 4)
  assert.equal(seed.heard('torrent-error').length, 1)
  mount.isThere = true
  await stage.settled(torrent.checked())
  assert.equal(torrent.status().state, 'seeding')
  assert.equal(torrent.status().error, null)
  assert.equal(seed.heard('torrent-recovered').length, 1)
})

story('a torrent that waits for its disk leaves at once', async stage => {
  const content = stage.newContent()
  const { mount, ports } = fickleDisk(stage, content.onDisk())
  mount.isThere = false
  const seed = await stage.newClient({ ports })
  const torrent = await seed.add(content)
  await stage.pass(15_000)
  await stage.settled(torrent.remove(), { within: 100 })
})

story(
  'a torrent whose disk is away when a peer comes stays at rest, and serves when the disk is back',
  async stage => {
    stage.newTracker()
    const content = stage.newContent()
    const { mount, ports } = fickleDisk(stage, content.onDisk())
    const seed = await stage.newSeed(content, { ports, state: new MemoryStateFiles() })
    const [torrent] = seed.session.torrents()
    await stage.until(() => torrent!.status().isResting)
    mount.isThere = false
    mount.asked = 0
    const leech = await stage.newClient()
    const download = await leech.add(content, { peers: [seed.address] })
    await stage.pass(5000)
    assert.equal(torrent!.status().error?.code, 'storage-unmounted')
    assert.equal(torrent!.status().state, 'seeding')
    assert.equal(mount.asked, 1)
    mount.isThere = true
    await stage.completed(leech, download, content)
    assert.equal(torrent!.status().error, null)
  },
)

story('what was paid in earlier sessions is added up', async stage => {
  stage.newTracker()
  const state = new MemoryStateFiles()
  const content = stage.newContent()
  const disk = content.onDisk()
  for (let session = 1; session <= 2; session++) {
    const seed = await stage.newSeed(content, { state, disk })
    await stage.until(() => seed.session.torrents()[0]!.status().isResting)
    const leech = await stage.newClient()
    await stage.completed(leech, await leech.add(content), content)
    for (const client of [leech, seed]) await stage.settled(client.session.close())
    const log = await ResumeLog.open({
      files: state,
      path: 'file.log',
      info: content.info,
      inspect: async () => [],
    })
    assert.equal(log.restored?.uploaded, session * content.wireLength)
  }
})

story('a magnet that was known in an earlier session needs nobody to tell what it is', async stage => {
  stage.newTracker()
  const state = new MemoryStateFiles()
  const content = stage.newContent({ format: 'v2', files: 700 * KIB })
  const seed = await stage.newSeed(content)
  const first = await stage.newClient({ state })
  await stage.completed(first, await first.addMagnet(content.magnet), content)
  for (const client of [first, seed]) await stage.settled(client.session.close())
  const again = await stage.newClient({ state, disk: first.disk })
  const torrent = await again.addMagnet(content.magnet)
  await stage.settled(torrent.completed(), { within: 1000 })
  assert.equal(again.diskLog.digested, 0)
})

story('a hybrid that was known in an earlier session is known by its v2 hash alone', async stage => {
  stage.newTracker()
  const state = new MemoryStateFiles()
  const content = stage.newContent({ format: 'hybrid', files: 700 * KIB })
  const seed = await stage.newSeed(content)
  const magnet = content.magnet.replace(/xt=urn:btih:[0-9a-f]+&/, '')
  assert.notEqual(magnet, content.magnet)
  const first = await stage.newClient({ state })
  await stage.completed(first, await first.addMagnet(magnet), content)
  for (const client of [first, seed]) await stage.settled(client.session.close())
  for (const named of [magnet, content.magnet]) {
    const again = await stage.newClient({ state, disk: first.disk })
    const torrent = await again.addMagnet(named)
    await stage.settled(torrent.completed(), { within: 1000 })
    assert.equal(again.diskLog.digested, 0)
    await stage.settled(again.session.close())
  }
})

story('files that are gone all at once are waited for, not fetched again', async stage => {
  stage.newTracker()
  const state = new MemoryStateFiles()
  const content = stage.newContent({ files: { one: 100 * KIB, two: 100 * KIB } })
  await stage.newSeed(content)
  const first = await stage.newClient({ state })
  await stage.completed(first, await first.add(content), content)
  await stage.settled(first.session.close())

  const disk = new MemoryDisk()
  disk.device = 7n
  const again = await stage.newClient({ state, disk })
  const torrent = await again.add(content)
  await stage.pass(60_000)
  assert.equal(torrent.status().state, 'waiting')
  assert.equal(torrent.status().error?.code, 'folder-gone')
  assert.equal(disk.files.size, 0)
  assert.deepEqual(again.heard('checking'), [])
  for (const [path, file] of first.disk.files) disk.files.set(path, file)
  await stage.settled(torrent.completed())
  assert.equal(torrent.status().downloaded, 0)
  await stage.settled(again.session.close())

  // Deleted from the disk that they were on: somebody wants them anew.
  disk.files.clear()
  const anew = await stage.newClient({ state, disk })
  await stage.completed(anew, await anew.add(content), content)
})

story('a session that closes while a torrent lies down or gets up remembers all of it', async stage => {
  const content = stage.newContent({ files: 300 * KIB })
  const state = new MemoryStateFiles()
  const disk = content.onDisk()
  const first = await stage.newSeed(content, { state, disk })
  await stage.settled(first.session.close())
  for (let late = 0; late < 40; late += 3) {
    const seed = await stage.newClient({ state, disk, line: { latency: 0 } })
    const torrent = await seed.add(content)
    await stage.settled(torrent.checked())
    assert.equal(seed.diskLog.digested, 0)
    await stage.pass(60_000 - 6 + (late % 20))
    // For the later half somebody comes just before the end.
    if (late >= 20) {
      await stage.until(() => torrent.status().isResting)
      await stage.pass(100)
      const leech = await stage.newClient({ line: { latency: 0 } })
      await leech.add(content, { peers: [seed.address] })
      await stage.pass(late - 20)
      leech.die()
    }
    await stage.settled(seed.session.close(), { within: 1000 })
  }
})

story('a magnet that was known in an earlier session still asks the peers that it names', async stage => {
  const state = new MemoryStateFiles()
  const content = stage.newContent({ trackers: [], files: 1000 * KIB })
  const seed = await stage.newSeed(content, { line: { up: 100 * KIB } })
  stage.names.set('seed.example', [seed.address])
  const magnet = `${content.magnet}x.pe=seed.example:6881`
  const first = await stage.newClient({ state })
  const begun = await first.addMagnet(magnet)
  await stage.until(() => begun.status().downloaded > 300 * KIB)
  await stage.settled(first.session.close())
  const again = await stage.newClient({ state, disk: first.disk })
  await stage.completed(again, await again.addMagnet(magnet), content)
})

story('a magnet of a torrent that was known goes to the trackers of both', async stage => {
  stage.newTracker({}, 'http://old/')
  const tracker = stage.newTracker({}, 'http://new/')
  const state = new MemoryStateFiles()
  const content = stage.newContent({ trackers: ['http://old/'] })
  const first = await stage.newSeed(content, { state })
  await stage.settled(first.session.close())
  const again = await stage.newClient({ state, disk: first.disk })
  const bare = content.magnet.slice(0, content.magnet.indexOf('tr='))
  const torrent = await again.addMagnet(`${bare}tr=${encodeURIComponent('http://new/')}`)
  await stage.settled(torrent.completed())
  await stage.pass(1000)
  assert.deepEqual((await torrent.metadata()).trackers, [['http://new/'], ['http://old/']])
  assert.equal(tracker.from(again.host.at).length, 1)
})

story('a download that wakes complete is complete', async stage => {
  const tracker = stage.newTracker()
  const content = stage.newContent({ files: { one: 200 * KIB, two: 200 * KIB } })
  const disk = content.onDisk()
  const two = disk.files.get('folder/two')!
  disk.files.delete('folder/two')
  const client = await stage.newClient({ state: new MemoryStateFiles(), disk })
  const torrent = await client.add(content)
  await stage.until(() => torrent.status().isResting)
  // Somebody copies there what lacks.
  disk.files.set('folder/two', two)
  const peer = await stage.newClient()
  const other = await peer.add(content, { peers: [client.address] })
  await stage.settled(torrent.completed())
  assert.equal(torrent.status().state, 'seeding')
  await stage.completed(peer, other, content)
  assert.equal(tracker.from(client.host.at).filter(({ event }) => event === 'completed').length, 1)
})

story('a seed that lost a file while it rested and has it again is a seed again', async stage => {
  const content = stage.newContent({ files: { one: 200 * KIB, two: 200 * KIB } })
  const seed = await stage.newSeed(content, { state: new MemoryStateFiles() })
  const [torrent] = seed.session.torrents()
  const two = seed.disk.files.get('folder/two')!
  const states: string[] = []
  for (const change of [
    () => seed.disk.files.delete('folder/two'),
    () => seed.disk.files.set('folder/two', two),
  ]) {
    await stage.until(() => torrent!.status().isResting)
    await stage.pass(1000)
    change()
    const peer = await stage.newClient()
    await peer.add(content, { peers: [seed.address] })
    await stage.until(() => !torrent!.status().isResting)
    await stage.pass(3000)
    states.push(torrent!.status().state)
    await stage.settled(peer.session.close())
  }
  assert.deepEqual(states, ['downloading', 'seeding'])
})

story(
  'who was met while the disk was away is dialled again when it is back, and not forgotten',
  async stage => {
    const tracker = stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
    const content = stage.newContent()
    const { mount, ports } = fickleDisk(stage, new MemoryDisk())
    const client = await stage.newClient({ ports, state: new MemoryStateFiles() })
    const torrent = await client.add(content)
    await stage.until(() => torrent.status().isResting)
    mount.isThere = false
    // It listens and tells nobody: it has to be dialled.
    const seed = await stage.newClient({ disk: content.onDisk() })
    await stage.settled((await seed.add(content, { announces: false })).checked())
    tracker.introduce(content.info.hashes.v1!, seed.host.at, 6881)
    await stage.pass(6 * 3_600_000)
    assert.equal(torrent.status().knownPeers, 1)
    mount.isThere = true
    await stage.settled(torrent.completed())
  },
)

story('sockets that wait for a torrent to get up are bounded', async stage => {
  const tracker = stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
  const content = stage.newContent()
  const disk = new MemoryDisk()
  const hung = Promise.withResolvers<void>()
  let opened = 0
  const openStorage = async ({ info, isWanted }: StorageRequest) => {
    if (++opened > 1) await hung.promise
    return new MemoryStorage({ torrent: storedTorrent(info), isWanted, disk })
  }
  const client = await stage.newClient({ state: new MemoryStateFiles(), disk, ports: { openStorage } })
  const torrent = await client.add(content)
  await stage.until(() => torrent.status().isResting)
  for (let i = 0; i < 100; i++) {
    const host = stage.network.newHost()
    await host.listen(address(host.at, 6881), socket =>
      socket.start({ received: () => undefined, drained: () => undefined, closed: () => undefined }),
    )
    tracker.introduce(content.info.hashes.v1!, host.at, 6881)
  }
  await stage.pass(600_000)
  const { size } = client.host.sockets
  hung.resolve()
  assert.ok(size > 0 && size <= CLIENT_LIMITS.halfOpen, `${size} sockets wait`)
})

story(
  'a file that took the place of another is on the disk itself before its pieces are believed',
  async stage => {
    const content = stage.newContent()
    const state = new MemoryStateFiles()
    const disk = content.onDisk()
    const first = await stage.newClient({ state, disk })
    await stage.settled((await first.add(content)).completed())
    await stage.settled(first.session.close())
    const same = await stage.newClient({ state, disk })
    await stage.settled((await same.add(content)).completed())
    assert.deepEqual([same.diskLog.digested, same.diskLog.broadSyncs], [0, 0])
    await stage.settled(same.session.close())
    content.putOn(disk)
    const other = await stage.newClient({ state, disk })
    await stage.settled((await other.add(content)).completed())
    assert.equal(other.diskLog.digested, content.info.geometry.pieceCount)
    assert.equal(other.diskLog.broadSyncs, 1)
  },
)

story('of two magnets that turn out to be one hybrid, one downloads', async stage => {
  stage.newTracker()
  const state = new MemoryStateFiles()
  const content = stage.newContent({ format: 'hybrid', files: 300 * KIB })
  const seed = await stage.newSeed(content)
  const magnets = [/xt=urn:btih:[0-9a-f]+&/, /xt=urn:btmh:[0-9a-f]+&/].map(xt =>
    content.magnet.replace(xt, ''),
  )
  const first = await stage.newClient({ state })
  await stage.completed(first, await first.addMagnet(magnets[0]!), content)
  for (const client of [first, seed]) await stage.settled(client.session.close())
  const client = await stage.newClient({ state, disk: first.disk })
  const torrents = await Promise.all(magnets.map(magnet => client.addMagnet(magnet)))
  const ends = await Promise.allSettled(torrents.map(torrent => stage.settled(torrent.completed())))
  assert.deepEqual(ends.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  const failed = torrents[ends.findIndex(({ status }) => status === 'rejected')]!
  const released: string[] = []
  client.released = id => released.push(id)
  await stage.settled(failed.remove())
  assert.deepEqual(released, [], 'the other one needs its state')
  const { v1, v2 } = content.info.hashes
  for (const hash of [v1!, v2!]) assert.ok(client.session.get(formatHex(hash)))
})

story(
  'a file that somebody put there while the torrent was awake is looked at by the next session',
  async stage => {
    const content = stage.newContent({ files: { one: 200 * KIB, two: 200 * KIB } })
    const disk = content.onDisk()
    const two = disk.files.get('folder/two')!
    disk.files.delete('folder/two')
    const state = new MemoryStateFiles()
    const first = await stage.newClient({ state, disk })
    await stage.settled((await first.add(content)).checked())
    await stage.pass(1000)
    disk.files.set('folder/two', two)
    await stage.settled(first.session.close())
    const again = await stage.newClient({ state, disk })
    await stage.settled((await again.add(content)).completed(), { within: 1000 })
  },
)
