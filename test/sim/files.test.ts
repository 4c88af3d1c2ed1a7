import assert from 'node:assert/strict'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { StorageError } from '../../src/core/errors.ts'
import { type Stage, story } from './story.ts'

const KIB = 1024

/** Three files that share pieces: a piece holds 32 KiB. */
const FILES = { 'a.bin': 1000 * KIB + 100, 'b.bin': 900 * KIB + 7, 'c.bin': 1100 * KIB + 11 }

async function fetching(stage: Stage, how: { select?: (path: string) => boolean; up?: number } = {}) {
  const tracker = stage.newTracker()
  const content = stage.newContent({ files: FILES })
  const seed = await stage.newSeed(content, { line: { up: how.up ?? 2000 * KIB } })
  const leech = await stage.newClient({ state: new MemoryStateFiles() })
  const torrent = await leech.add(content, { ...(how.select && { select: how.select }) })
  await stage.settled(torrent.checked())
  return { tracker, content, seed, leech, torrent }
}

story('files are chosen while a torrent runs, and it goes on to fetch them', async stage => {
  const { tracker, content, leech, torrent } = await fetching(stage, { select: path => path === 'b.bin' })
  await stage.settled(torrent.completed())
  assert.equal(torrent.status().state, 'seeding')
  assert.deepEqual([...leech.disk.files.keys()], ['folder/b.bin'])
  const [a, b, c] = await stage.settled(torrent.files())
  assert.deepEqual([a!.priority, b!.priority, c!.priority], ['skip', 'normal', 'skip'])
  assert.equal(b!.verifiedLength, b!.length)
  const before = torrent.status().downloaded

  await stage.settled(torrent.file('c.bin').setPriority('high'))
  assert.equal(torrent.status().state, 'downloading')
  await stage.settled(torrent.completed())
  assert.deepEqual([...leech.disk.files.keys()], ['folder/b.bin', 'folder/c.bin'])
  assert.equal(torrent.status().wantedLength > torrent.status().verifiedLength, false)
  const shared = content.info.geometry.pieceLength
  assert.ok(
    torrent.status().downloaded - before <= FILES['c.bin'] + shared,
    'the shared piece is not fetched twice',
  )

  await stage.settled(torrent.prioritize(() => 'normal'))
  await stage.completed(leech, torrent, content)
  assert.equal(torrent.status().downloaded, content.wireLength)
  assert.equal(tracker.from(leech.host.at).filter(({ event }) => event === 'completed').length, 1)
})

story('a file that is not wanted any more is not fetched any more', async stage => {
  const { content, leech, torrent } = await fetching(stage, { up: 200 * KIB })
  await stage.until(() => torrent.status().verifiedPieces > 10)
  await stage.settled(torrent.prioritize(({ path }) => (path === 'a.bin' ? null : 'skip')))
  await stage.settled(torrent.completed())
  const { downloaded, verifiedPieces } = torrent.status()
  assert.ok(downloaded < content.wireLength / 2, `${downloaded} bytes came`)
  await stage.pass(60_000)
  assert.equal(torrent.status().verifiedPieces, verifiedPieces)
  const files = await stage.settled(torrent.files())
  assert.deepEqual(
    files.map(({ verifiedLength, length }) => verifiedLength === length),
    [true, false, false],
  )
  await stage.settled(torrent.prioritize(() => 'low'))
  await stage.completed(leech, torrent, content)
})

story('a file of higher priority is there first', async stage => {
  const { content, leech, torrent } = await fetching(stage, { up: 300 * KIB })
  await stage.settled(
    torrent.prioritize(({ path }) => (path === 'c.bin' ? 'high' : path === 'b.bin' ? 'low' : 'normal')),
  )
  const done: string[] = []
  await stage.until(
    () => torrent.status().state === 'seeding' || leech.heard('piece-verified').length % 8 === 0,
  )
  for (const path of ['c.bin', 'a.bin', 'b.bin']) {
    await stage.until(() => leech.heard('piece-verified').length > done.length * 28)
    done.push(path)
  }
  const order = leech.heard('piece-verified').map(({ piece }) => content.info.geometry.filesOf(piece).at(-1)!)
  const lastOfC = order.lastIndexOf(2)
  const firstOfB = order.indexOf(1)
  assert.ok(lastOfC < firstOfB || firstOfB < 0, `c until ${lastOfC}, b from ${firstOfB}`)
  await stage.completed(leech, torrent, content)
})

story('what is there of a file that was not wanted is found, and not fetched', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: FILES })
  await stage.newSeed(content)
  const disk = content.onDisk()
  disk.files.delete('folder/a.bin')
  const leech = await stage.newClient({ disk, state: new MemoryStateFiles() })
  const torrent = await leech.add(content, { select: path => path === 'a.bin' })
  await stage.settled(torrent.completed())
  const before = torrent.status().downloaded
  await stage.settled(torrent.prioritize(() => 'normal'))
  await stage.completed(leech, torrent, content)
  const more = torrent.status().downloaded - before
  assert.ok(more <= content.info.geometry.pieceLength, `${more} bytes came of what was there`)
})

story('a choice holds over a rest, and wakes a torrent that rests', async stage => {
  const { content, seed, leech, torrent } = await fetching(stage, { select: path => path === 'b.bin' })
  await stage.settled(torrent.completed())
  await stage.until(() => torrent.status().isResting)
  await stage.settled(torrent.file(2).setPriority('normal'))
  await stage.settled(torrent.completed())
  await stage.until(() => torrent.status().isResting)
  const [a, b, c] = await stage.settled(torrent.files())
  assert.deepEqual([a!.priority, b!.priority, c!.priority], ['skip', 'normal', 'normal'])
  assert.deepEqual([b!.verifiedLength, c!.verifiedLength], [b!.length, c!.length])
  assert.ok(a!.verifiedLength < a!.length)
  await stage.settled(torrent.file('a.bin').setPriority('normal'))
  await stage.completed(leech, torrent, content)
  assert.equal(seed.session.torrents()[0]!.status().uploaded, content.wireLength)
})

story('where the disk is full the choice is as before', async stage => {
  const { content, leech, torrent } = await fetching(stage, { select: path => path === 'b.bin' })
  await stage.settled(torrent.completed())
  leech.disk.capacity = leech.disk.used
  const refused = assert.rejects(
    torrent.prioritize(() => 'normal'),
    (error: unknown) => {
      assert.ok(error instanceof StorageError)
      return error.code === 'storage-full'
    },
  )
  await stage.settled(refused)
  const files = await stage.settled(torrent.files())
  assert.deepEqual(
    files.map(file => file.priority),
    ['skip', 'normal', 'skip'],
  )
  assert.equal(torrent.status().state, 'seeding')
  leech.disk.capacity = Number.POSITIVE_INFINITY
  await stage.settled(torrent.prioritize(() => 'normal'))
  await stage.completed(leech, torrent, content)
})

story('a choice that is made before the metadata is known waits for it', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: FILES })
  const leech = await stage.newClient()
  const torrent = await leech.addMagnet(content.magnet)
  const chosen = torrent.file('b.bin').setPriority('skip')
  const unknown = assert.rejects(torrent.file('d.bin').status(), { code: 'file-unknown' })
  await stage.newSeed(content)
  await stage.settled(Promise.all([chosen, unknown]))
  const { priority } = await stage.settled(torrent.file('b.bin').status())
  assert.equal(priority, 'skip')
  await stage.settled(torrent.completed())
})

story('a choice that nobody waits for any more is not made', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: FILES })
  const leech = await stage.newClient()
  const torrent = await leech.addMagnet(content.magnet)
  const aborted = new AbortController()
  const enough = new Error('enough')
  const chosen = torrent.prioritize(() => 'skip', { signal: aborted.signal })
  aborted.abort(enough)
  await stage.settled(assert.rejects(chosen, enough))
  await stage.newSeed(content)
  await stage.completed(leech, torrent, content)
})
