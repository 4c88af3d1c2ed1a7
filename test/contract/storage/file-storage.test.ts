import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { storageContract } from './storage-contract.ts'

const workers = new DiskWorkers()
const folder = mkdtempSync(join(tmpdir(), 'shoal-storage-'))
let places = 0

after(async () => {
  await workers.close()
  rmSync(folder, { recursive: true })
})

storageContract('FileStorage', async () => {
  const root = join(folder, String(places++))
  return {
    open: (torrent, isWanted) => FileStorage.open({ torrent, root, workers, ...(isWanted && { isWanted }) }),
    readFile: async path => readOrNull(join(root, path)),
    writeFile: async (path, bytes) => {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), bytes)
    },
  }
})

function readOrNull(path: string): Uint8Array | null {
  try {
    return Uint8Array.from(readFileSync(path))
  } catch {
    return null
  }
}
