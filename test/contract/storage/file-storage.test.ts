import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, it } from 'node:test'
import { StorageError } from '../../../src/core/errors.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { storageContract } from './storage-contract.ts'
import { FOUR_FILES, pieceBytes, sharedBytes } from './stored-torrents.ts'

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
    folder: root,
    otherFolder: join(folder, `${places}-other`),
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

it('wants what it wanted before where a file cannot be given what was kept of it', async () => {
  const root = join(folder, String(places++))
  const storage = await FileStorage.open({ torrent: FOUR_FILES, root, workers, isWanted: file => file === 3 })
  await storage.prepare()
  for (const piece of [1, 2, 3]) await storage.write(piece, 0, [pieceBytes(FOUR_FILES, piece)])
  // A folder has its place.
  mkdirSync(join(root, 'T/d/in the way'), { recursive: true })
  await assert.rejects(
    storage.select(() => true),
    StorageError,
  )
  const bytes = sharedBytes(FOUR_FILES.geometry.pieceLengthOf(3))
  await storage.read(3, 0, [bytes])
  assert.deepEqual(bytes, pieceBytes(FOUR_FILES, 3))
  await storage.write(3, 0, [pieceBytes(FOUR_FILES, 3)])
  rmSync(join(root, 'T/d'), { recursive: true })
  await storage.select(() => true)
  await storage.read(3, 0, [bytes])
  assert.deepEqual(bytes, pieceBytes(FOUR_FILES, 3))
  assert.equal(readOrNull(join(root, 'T/d'))?.length, 1000)
  await storage.close()
})
