import assert from 'node:assert/strict'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { story } from './story.ts'

story(
  'a hybrid that came as a magnet asks those who brought its metadata for the piece layers',
  async stage => {
    stage.newTracker()
    const content = stage.newContent({ format: 'hybrid', files: { big: 2_000_000 }, pieceLength: 32_768 })
    await stage.newSeed(content)
    const leech = await stage.newClient({ state: new MemoryStateFiles() })
    const torrent = await leech.addMagnet(content.magnet)
    await stage.completed(leech, torrent, content)
    // They are kept with its torrent file when it goes to rest.
    await stage.until(() => torrent.status().isResting)
    const { layers } = await stage.settled(torrent.metadata())
    assert.deepEqual(
      [...layers.values()].map(layer => layer.length),
      [32 * Math.ceil(2_000_000 / 32_768)],
    )
  },
)
