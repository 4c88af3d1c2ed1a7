import { MemoryDisk, MemoryStorage } from '../../../src/storage/memory-storage.ts'
import { storageContract } from './storage-contract.ts'

storageContract('MemoryStorage', async () => {
  const disk = new MemoryDisk()
  const other = new MemoryDisk()
  const diskOf = (folder: string): MemoryDisk => (folder === 'other' ? other : disk)
  return {
    folder: 'one',
    otherFolder: 'other',
    open: async (torrent, isWanted) =>
      new MemoryStorage({ torrent, disk, diskOf, ...(isWanted && { isWanted }) }),
    readFile: async path => disk.files.get(path)?.bytes ?? null,
    writeFile: async (path, bytes) => disk.write(path, 0, bytes),
  }
})
