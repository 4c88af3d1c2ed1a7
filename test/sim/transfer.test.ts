import assert from 'node:assert/strict'
import { story } from './story.ts'

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
