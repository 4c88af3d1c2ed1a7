import assert from 'node:assert/strict'
import { MemoryDisk } from '../../src/storage/memory-storage.ts'
import { PIECE_MISSING } from '../../src/client/torrent-status.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { StorageError } from '../../src/core/errors.ts'
import { story } from './story.ts'

const KIB = 1024

story('a full disk pauses the download, which goes on by itself; nothing comes twice', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 64 * 64 * KIB, pieceLength: 64 * KIB })
  await stage.newSeed(content, { line: { up: 500 * KIB } })
  const leech = await stage.newClient()
  leech.disk.capacity = 20 * 64 * KIB
  const torrent = await leech.add(content, { isSequential: true })
  await stage.until(() => leech.heard('torrent-error').length === 1)
  assert.equal(leech.heard('torrent-error')[0]!.error.code, 'storage-full')
  assert.equal(leech.heard('torrent-error')[0]!.isWaiting, true)
  await stage.pass(120_000)
  const before = torrent.status()
  assert.equal(before.error?.code, 'storage-full')
  await stage.pass(120_000)
  assert.equal(
    torrent.status().downloaded,
    before.downloaded,
    'it goes on downloading with nowhere to put it',
  )
  assert.equal(leech.heard('torrent-error').length, 1, 'people are told once')
  leech.disk.capacity = Number.POSITIVE_INFINITY
  await stage.completed(leech, torrent, content)
  assert.equal(leech.heard('torrent-recovered').length, 1)
  assert.equal(torrent.status().error, null)
  assert.equal(new Set(leech.written).size, leech.written.length)
  assert.ok(torrent.status().wasted <= 16 * 16 * KIB, `${torrent.status().wasted} bytes were wasted`)
})

story('a disk with less room than the download needs is told of at once, and nobody else is', async stage => {
  const content = stage.newContent({ files: { one: 200_000, two: 300_000 } })
  const disk = new MemoryDisk()
  disk.capacity = 400_000
  const leech = await stage.newClient({ disk })
  const torrent = await leech.add(content)
  await stage.settled(torrent.checked())
  const [news, ...more] = leech.heard('space-short')
  assert.deepEqual([news?.needed, news?.free, news?.folder, more], [500_000, 400_000, 'files', []])
  const chooser = await stage.newClient({ disk })
  await stage.settled((await chooser.add(content, { select: path => path === 'one' })).checked())
  assert.deepEqual(chooser.heard('space-short'), [])
})

story('a disk that fails for a while loses nothing', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 64 * 64 * KIB, pieceLength: 64 * KIB })
  await stage.newSeed(content, { line: { up: 500 * KIB } })
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.until(() => torrent.status().verifiedPieces > 10)
  leech.disk.fault = new StorageError('disk-error', 'the disk hums', { path: 'file', systemCode: 'EIO' })
  await stage.pass(60_000)
  assert.equal(torrent.status().state, 'downloading')
  assert.equal(torrent.status().error?.code, 'disk-error')
  leech.disk.fault = null
  await stage.completed(leech, torrent, content)
  assert.equal(torrent.status().error, null)
})

story(
  'a file that vanishes while seeding is not served any more, and comes back from others',
  async stage => {
    stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
    const content = stage.newContent({ files: { a: 20 * 64 * KIB, b: 20 * 64 * KIB }, pieceLength: 64 * KIB })
    const seed = await stage.newSeed(content, { line: { up: 300 * KIB } })
    const other = await stage.newSeed(content, { line: { up: 300 * KIB } })
    const leech = await stage.newClient()
    const torrent = await leech.add(content)
    await stage.until(() => torrent.status().verifiedPieces > 5)
    seed.disk.files.delete('folder/b')
    await stage.completed(leech, torrent, content)
    assert.equal(leech.heard('piece-failed').length, 0)
    const [error] = seed.heard('torrent-error')
    assert.equal(error?.error.code, 'file-missing')
    const [seeding] = seed.session.torrents()
    assert.equal(seeding!.status().state, 'downloading')
    assert.ok(!other.endings.includes('piece-corrupt'))
    await stage.until(() => seeding!.status().state === 'seeding', { within: 1_800_000 })
    assert.equal(seeding!.status().error, null)
  },
)

story('a file that is cut short is fetched again, and nothing else', async stage => {
  stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
  const content = stage.newContent({ files: 20 * 64 * KIB, pieceLength: 64 * KIB })
  await stage.newSeed(content)
  const disk = content.onDisk()
  const file = disk.files.get('file')!
  file.bytes = file.bytes.slice(0, 15 * 64 * KIB + 100)
  const client = await stage.newClient({ disk })
  const torrent = await client.add(content)
  await stage.completed(client, torrent, content)
  assert.equal(client.heard('checked')[0]!.good, 15)
  assert.equal(torrent.status().downloaded, 5 * 64 * KIB)
})

story('what somebody changes while it is checked is not believed at the next start', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: { one: 640 * KIB, two: 6400 * KIB }, pieceLength: 64 * KIB })
  const disk = content.onDisk()
  const state = new MemoryStateFiles()
  const first = await stage.newClient({ disk, state })
  const torrent = await first.add(content)
  await stage.until(() => torrent.status().checkedPieces > 40)
  assert.equal(torrent.status().state, 'checking')
  disk.write('folder/one', 0, new Uint8Array(100))
  await stage.settled(torrent.checked())
  await stage.settled(first.session.close())
  const second = await stage.newClient({ disk, state, host: first.host })
  const again = await second.add(content)
  await stage.settled(again.checked())
  assert.equal(again.pieceMap()[0], PIECE_MISSING)
  assert.equal(second.diskLog.digested, 10, 'the pieces of the file that changed')
})

story('after kill -9 nothing that was synced is hashed or fetched again', async stage => {
  stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
  const content = stage.newContent({ files: 100 * 64 * KIB, pieceLength: 64 * KIB })
  await stage.newSeed(content, { line: { up: 300 * KIB } })
  const state = new MemoryStateFiles()
  const first = await stage.newClient({ state })
  const begun = await first.add(content)
  await stage.until(() => begun.status().verifiedPieces === 60)
  first.die()
  await stage.pass(1000)
  const second = await stage.newClient({ state, disk: first.disk, host: first.host })
  const torrent = await second.add(content)
  await stage.settled(torrent.checked())
  const kept = torrent.status().verifiedPieces
  assert.ok(kept >= 60, `${kept} pieces are left`)
  await stage.completed(second, torrent, content)
  assert.ok(torrent.status().downloaded <= (100 - kept) * 64 * KIB + 256 * KIB)
})

story('after a power cut nothing is believed that was not synced', async stage => {
  stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
  const content = stage.newContent({ files: 100 * 64 * KIB, pieceLength: 64 * KIB })
  await stage.newSeed(content, { line: { up: 300 * KIB } })
  const state = new MemoryStateFiles()
  const first = await stage.newClient({ state })
  const begun = await first.add(content)
  await stage.until(() => begun.status().verifiedPieces === 60)
  const unsynced = new Set(first.written.slice(first.diskLog.synced))
  assert.ok(unsynced.size > 0 && unsynced.size < 40)
  first.die()
  // The journal's last records and the data of the last pieces never reached the disk.
  state.cutPower(() => stage.dice.below(200))
  const file = first.disk.files.get('file')!
  for (const piece of unsynced) file.bytes.fill(0, piece * 64 * KIB, (piece + 1) * 64 * KIB)
  await stage.pass(1000)
  const second = await stage.newClient({ state, disk: first.disk, host: first.host })
  const torrent = await second.add(content)
  await stage.completed(second, torrent, content)
  assert.equal(second.heard('piece-failed').length, 0)
})

story('a session that left in good order goes on where it stopped', async stage => {
  stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
  const content = stage.newContent({ files: 100 * 64 * KIB, pieceLength: 64 * KIB })
  await stage.newSeed(content, { line: { up: 300 * KIB } })
  const state = new MemoryStateFiles()
  const first = await stage.newClient({ state })
  const begun = await first.add(content)
  await stage.until(() => begun.status().verifiedPieces === 50)
  await stage.settled(first.session.close())
  const second = await stage.newClient({ state, disk: first.disk })
  const torrent = await second.add(content)
  const began = stage.now
  await stage.settled(torrent.checked())
  assert.ok(stage.now - began < 50, 'it hashed what it knew')
  assert.ok(torrent.status().verifiedPieces >= 50)
  await stage.completed(second, torrent, content)
})

story('only the files that are wanted are written', async stage => {
  stage.newTracker()
  for (const format of ['v1', 'v2', 'hybrid'] as const) {
    const content = stage.newContent({
      format,
      name: format,
      files: { a: 100_000, b: 100_000, c: 100_000 },
      pieceLength: 32 * KIB,
    })
    await stage.newSeed(content)
    const leech = await stage.newClient()
    const torrent = await leech.add(content, { select: path => path === 'b' })
    await stage.settled(torrent.completed())
    assert.deepEqual([...leech.disk.files.keys()], [`${format}/b`])
    assert.deepEqual(leech.disk.files.get(`${format}/b`)!.bytes, content.files.get(`${format}/b`))
  }
})

story('a seed whose disk is away promises the same as before, and serves when it is back', async stage => {
  const content = stage.newContent({ files: 1_000_000 })
  const seed = await stage.newSeed(content, { line: { up: 100_000, down: 100_000 } })
  const [torrent] = seed.session.torrents()
  const leech = await stage.newClient()
  const download = await leech.add(content, { peers: [seed.address] })
  await stage.until(() => download.status().downloaded > 200_000)
  seed.disk.fault = new StorageError('storage-unmounted', 'the disk is away', { path: 'file' })
  await stage.pass(45_000)
  const { state, error, verifiedPieces, pieces } = torrent!.status()
  assert.deepEqual([state, error?.code, verifiedPieces], ['seeding', 'storage-unmounted', pieces])
  assert.equal(seed.heard('torrent-error').length, 1)
  seed.disk.fault = null
  await stage.completed(leech, download, content)
  await stage.until(() => torrent!.status().error === null)
  assert.equal(seed.heard('torrent-recovered').length, 1)
})

story(
  'a kill in the middle of the first write after a start leaves nothing to be hashed but what was written',
  async stage => {
    stage.newTracker()
    const content = stage.newContent({ files: 64 * 64 * KIB, pieceLength: 64 * KIB })
    await stage.newSeed(content, { line: { up: 500 * KIB } })
    const known = { disk: new MemoryDisk(), state: new MemoryStateFiles() }
    const first = await stage.newClient(known)
    const torrent = await first.add(content)
    await stage.until(() => torrent.status().verifiedPieces > 20)
    await stage.settled(first.session.close())
    const killed = await stage.newClient(known)
    // The bytes are there, and the program has not heard of it yet.
    killed.diskLog.written.push = () => {
      killed.die()
      return 1
    }
    await killed.add(content)
    await stage.until(() => killed.isDead)
    const next = await stage.newClient(known)
    const again = await next.add(content)
    await stage.settled(again.checked())
    assert.ok(again.status().verifiedPieces > 20)
    assert.ok(next.diskLog.digested <= 64 - 20, `${next.diskLog.digested} pieces were hashed`)
    await stage.completed(next, again, content)
  },
)
