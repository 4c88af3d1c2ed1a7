import assert from 'node:assert/strict'
import { MemoryDisk } from '../../src/storage/memory-storage.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { story } from './story.ts'

const KIB = 1024
const FILES = { 'a.bin': 1000 * KIB + 100, 'b.bin': 900 * KIB + 7, 'c.bin': 1100 * KIB + 11 }

story(
  'room is made for what is wanted before anything is fetched, and nothing of it is taken for content',
  async stage => {
    const content = stage.newContent({ files: FILES })
    const seed = await stage.newSeed(content, { line: { up: 300 * KIB } })
    const state = new MemoryStateFiles()
    const disk = new MemoryDisk()
    const leech = await stage.newClient({ state, disk })
    const select = (path: string): boolean => path !== 'a.bin'
    const how = { select, allocation: 'full', peers: [seed.address] } as const
    const torrent = await leech.add(content, how)
    await stage.until(() => torrent.status().state === 'allocating')
    assert.equal(torrent.explain()[0]?.code, 'allocating')
    await stage.settled(torrent.checked())
    assert.equal(torrent.status().verifiedPieces, 0)
    const lengths = [...disk.files].map(([path, { bytes }]) => [path, bytes.length])
    assert.deepEqual(lengths, [
      ['folder/b.bin', FILES['b.bin']],
      ['folder/c.bin', FILES['c.bin']],
    ])
    await stage.until(() => torrent.status().verifiedPieces > 10)
    const { verifiedPieces } = torrent.status()
    await stage.settled(leech.session.close())

    const next = await stage.newClient({ state, disk })
    const again = await next.add(content, how)
    await stage.settled(again.checked())
    assert.ok(again.status().verifiedPieces >= verifiedPieces)
    assert.equal(next.diskLog.digested, 0, 'what is only room is not hashed')
    await stage.settled(again.completed())
    assert.ok(!next.diskLog.written.includes(0), 'no room is made twice')
    const [found, sent] = [disk, seed.disk].map(({ files }) => files.get('folder/b.bin')!.bytes)
    assert.ok(Buffer.from(found!).equals(sent!), 'what came is where it belongs')
  },
)

story(
  'a disk that is too small says so before anything is fetched, and all goes on once there is room',
  async stage => {
    const content = stage.newContent({ files: FILES })
    const seed = await stage.newSeed(content)
    const disk = new MemoryDisk()
    disk.capacity = 2000 * KIB
    const leech = await stage.newClient({ disk })
    const torrent = await leech.add(content, { allocation: 'full', peers: [seed.address] })
    await stage.until(() => torrent.status().state === 'waiting')
    assert.equal(torrent.status().error?.code, 'storage-full')
    assert.equal(torrent.status().downloaded, 0)
    disk.capacity = 4000 * KIB
    await stage.completed(leech, torrent, content)
  },
)
