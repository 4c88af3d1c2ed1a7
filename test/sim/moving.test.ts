import assert from 'node:assert/strict'
import { MemoryDisk } from '../../src/storage/memory-storage.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { story } from './story.ts'

const KIB = 1024
const FILES = { 'a.bin': 1000 * KIB + 100, 'b.bin': 900 * KIB + 7, 'c.bin': 1100 * KIB + 11 }
const SLOW = { line: { up: 300 * KIB } }

story('a download is moved to another disk and renamed, and goes on there', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: FILES })
  await stage.newSeed(content, SLOW)
  const other = new MemoryDisk()
  other.device = 1n
  const state = new MemoryStateFiles()
  const leech = await stage.newClient({ state, disks: new Map([['other', other]]) })
  const torrent = await leech.add(content)
  const { folder } = torrent
  await stage.until(() => torrent.status().verifiedPieces > 20)
  await stage.settled(torrent.move('other'))
  assert.equal(torrent.folder, 'other')
  assert.equal(leech.disk.files.size, 0)
  assert.equal(torrent.status().state, 'downloading')
  await stage.settled(torrent.file('b.bin').rename('folder/sub/b.dat'))
  await stage.settled(torrent.completed())
  assert.deepEqual([...other.files.keys()].sort(), ['folder/a.bin', 'folder/c.bin', 'folder/sub/b.dat'])
  assert.deepEqual([torrent.status().downloaded, torrent.status().wasted], [content.wireLength, 0])
  assert.deepEqual(
    (await stage.settled(torrent.files())).map(({ path, savedAs }) => [path, savedAs]),
    [
      ['a.bin', 'folder/a.bin'],
      ['b.bin', 'folder/sub/b.dat'],
      ['c.bin', 'folder/c.bin'],
    ],
  )
  assert.deepEqual(
    leech.heard('torrent-moved').map(({ folder, leftBehind }) => [folder, leftBehind]),
    [
      ['other', []],
      ['other', []],
    ],
  )
  await stage.settled(leech.session.close())

  const next = await stage.newClient({ state, disk: leech.disk, disks: new Map([['other', other]]) })
  const again = await next.add(content, { folder })
  await stage.settled(again.checked())
  assert.deepEqual([again.folder, again.status().state, next.diskLog.digested], ['other', 'seeding', 0])
})

story('a torrent that rests is woken to be moved, and rests again where it lies then', async stage => {
  const content = stage.newContent({ files: FILES })
  const other = new MemoryDisk()
  const seed = await stage.newSeed(content, {
    state: new MemoryStateFiles(),
    disks: new Map([['other', other]]),
  })
  const [torrent] = seed.session.torrents()
  await stage.until(() => torrent!.status().isResting)
  await stage.settled(torrent!.move('other'))
  assert.equal(other.files.size, 3)
  await stage.until(() => torrent!.status().isResting)
  const leech = await stage.newClient()
  const fetched = await leech.add(content, { peers: [seed.address] })
  await stage.completed(leech, fetched, content)
})

story('what cannot be moved or renamed stays as it is, and says why', async stage => {
  const content = stage.newContent({ files: FILES })
  const other = new MemoryDisk()
  other.write('folder/b.bin', 0, new Uint8Array(5))
  const seed = await stage.newSeed(content, { disks: new Map([['other', other]]) })
  const [torrent] = seed.session.torrents()
  await stage.settled(assert.rejects(torrent!.move('other'), { code: 'file-exists' }))
  const rename = (path: string) => stage.settled(torrent!.file('a.bin').rename(path))
  for (const path of ['../a', '/a', 'a/', '', 'con', 'a:b'])
    await assert.rejects(rename(path), { code: 'path-unsafe' }, path)
  for (const path of ['folder/b.bin', 'folder/B.BIN', 'folder/b.bin/x', 'folder'])
    await assert.rejects(rename(path), { code: 'path-taken' }, path)
  assert.deepEqual([...seed.disk.files.keys()].sort(), ['folder/a.bin', 'folder/b.bin', 'folder/c.bin'])
  assert.notEqual(torrent!.folder, 'other')
  const leech = await stage.newClient()
  await stage.completed(leech, await leech.add(content, { peers: [seed.address] }), content)
})

story('two files take each other’s place by way of a third name', async stage => {
  const content = stage.newContent({ files: { 'a.bin': 100 * KIB, 'b.bin': 100 * KIB } })
  const seed = await stage.newSeed(content, {})
  const [torrent] = seed.session.torrents()
  const swapped = torrent!.renameFiles(({ path }) => (path === 'a.bin' ? 'folder/b.bin' : 'folder/a.bin'))
  await stage.settled(assert.rejects(swapped, { code: 'file-exists' }))
  await stage.settled(torrent!.file(0).rename('folder/c.bin'))
  await stage.settled(torrent!.file(1).rename('folder/a.bin'))
  await stage.settled(torrent!.file(0).rename('folder/b.bin'))
  const leech = await stage.newClient()
  await stage.completed(leech, await leech.add(content, { peers: [seed.address] }), content)
})
