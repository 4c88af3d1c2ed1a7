import assert from 'node:assert/strict'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { story } from './story.ts'

const KIB = 1024
const PIECE = 1024 * KIB

for (const format of ['v1', 'v2', 'hybrid'] as const) {
  story(`one seed, one leech: ${format}`, async stage => {
    stage.newTracker()
    const content = stage.newContent({ format, files: { 'a.bin': 200_000, 'b/c.bin': 70_001, 'b/empty': 0 } })
    const seed = await stage.newSeed(content)
    const leech = await stage.newClient()
    const torrent = await leech.add(content)
    await stage.completed(leech, torrent, content)
    const { downloaded, wasted } = torrent.status()
    assert.equal(downloaded, content.wireLength)
    assert.equal(wasted, 0)
    assert.deepEqual(leech.endings, ['both-seeds'])
    assert.equal(seed.heard('piece-failed').length, 0)
  })
}

story('small files in large pieces: blocks that are nothing but pad are not sent', async stage => {
  stage.newTracker()
  const lengths = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.txt`, 1 + i * 2_000]))
  const content = stage.newContent({ format: 'hybrid', files: lengths, pieceLength: 256 * KIB })
  await stage.newSeed(content)
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.completed(leech, torrent, content)
  // 0 to 8 fit into one block, 9 to 11 into two: the pad behind them in the last one comes with it.
  assert.equal(content.wireLength, (9 + 2 * 3) * 16 * KIB)
  assert.equal(torrent.status().downloaded, content.wireLength)
})

story(
  'a torrent that ends in whole pieces of pad is had with what peers sent, and after a kill too',
  async stage => {
    stage.newTracker()
    const content = stage.newContent({ files: { 'a.bin': 100_000 }, pieceLength: 32 * KIB, pad: 200_000 })
    await stage.newSeed(content)
    const state = new MemoryStateFiles()
    const first = await stage.newClient({ state })
    const torrent = await first.addMagnet(content.magnet)
    await stage.completed(first, torrent, content)
    assert.equal(torrent.status().downloaded, content.wireLength)
    assert.ok(content.wireLength < 100_000 + 16 * KIB)
    assert.equal(torrent.status().verifiedPieces, torrent.status().pieces)
    first.die()
    await stage.pass(1000)
    const second = await stage.newClient({ state, disk: first.disk, host: first.host })
    const again = await second.add(content)
    await stage.settled(again.checked())
    assert.equal(again.status().verifiedPieces, torrent.status().pieces)
  },
)

story(
  'slow peers finish pieces among themselves, and few lie about that are partial',
  async stage => {
    stage.newTracker()
    const content = stage.newContent({ format: 'v1', files: 100 * PIECE, pieceLength: PIECE })
    for (let i = 0; i < 20; i++) await stage.newSeed(content, { line: { up: 20 * KIB } })
    await stage.newSeed(content, { line: { up: 2000 * KIB } })
    const leech = await stage.newClient()
    const torrent = await leech.add(content)
    const partial: number[] = []
    const look = (): void => {
      const { downloaded, wasted, verifiedPieces } = torrent.status()
      if (verifiedPieces === 100) return
      partial.push((downloaded - wasted) / PIECE - verifiedPieces)
      stage.after(1000, look)
    }
    stage.after(1000, look)
    await stage.completed(leech, torrent, content)
    assert.ok(partial.length > 15)
    const mean = partial.reduce((sum, pieces) => sum + pieces, 0) / partial.length
    assert.ok(mean < 2.8, `${mean.toFixed(1)} pieces of data lie in partial ones`)
  },
  { runs: 1 },
)
