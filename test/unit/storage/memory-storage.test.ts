import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryDisk, MemoryStorage } from '../../../src/storage/memory-storage.ts'
import { FOUR_FILES, pieceBytes } from '../../contract/storage/stored-torrents.ts'

describe('the free space of a disk in memory', () => {
  it('is what its capacity leaves', async () => {
    const disk = new MemoryDisk()
    const storage = new MemoryStorage({ torrent: FOUR_FILES, disk })
    assert.equal((await storage.lookAtDisk()).free, null)
    disk.capacity = 50_000
    const bytes = pieceBytes(FOUR_FILES, 0)
    await storage.write(0, 0, [bytes])
    assert.equal((await storage.lookAtDisk()).free, 50_000 - bytes.length)
    disk.capacity = 10
    assert.equal((await storage.lookAtDisk()).free, 0)
  })
})
