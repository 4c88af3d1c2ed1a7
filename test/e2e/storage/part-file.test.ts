import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { after, it } from 'node:test'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { FOUR_FILES, pieceBytes, sharedBytes } from '../../contract/storage/stored-torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const PART = '.test.shoal-part'
const workers = new DiskWorkers()
after(() => workers.close())

async function open(root: string, wanted: readonly number[]): Promise<FileStorage> {
  const isWanted = (file: number) => wanted.includes(file)
  const storage = await FileStorage.open({ torrent: FOUR_FILES, root, workers, isWanted })
  await storage.prepare()
  return storage
}

it('the part file is made when it is first needed, beside the torrent', async () => {
  using folder = new TemporaryFolder()
  const storage = await open(folder.path, [3])
  await storage.write(2, 0, [pieceBytes(FOUR_FILES, 2)])
  assert.deepEqual(readdirSync(folder.path), ['T'])
  await storage.write(1, 0, [pieceBytes(FOUR_FILES, 1)])
  assert.deepEqual(readdirSync(folder.path), [PART, 'T'])
  assert.deepEqual(
    new Set(readdirSync(folder.at('T'), { recursive: true, encoding: 'utf8' })),
    new Set(['sub', 'sub/deep', 'sub/deep/c']),
  )
  await storage.close()
})

it('the part file is removed when all that it keeps has found its place', async () => {
  using folder = new TemporaryFolder()
  const storage = await open(folder.path, [3])
  for (const piece of [1, 2, 3]) await storage.write(piece, 0, [pieceBytes(FOUR_FILES, piece)])
  await storage.close()
  await (await open(folder.path, [1, 3, 4])).close()
  assert.equal(existsSync(folder.at(PART)), true)
  const all = await open(folder.path, [0, 1, 2, 3, 4])
  assert.equal(existsSync(folder.at(PART)), false)
  const bytes = sharedBytes(FOUR_FILES.geometry.pieceLengthOf(1))
  await all.read(1, 0, [bytes])
  assert.deepEqual(bytes, pieceBytes(FOUR_FILES, 1))
  await all.close()
})

it('many writes to a part file that is not there yet all arrive', async () => {
  using folder = new TemporaryFolder()
  const storage = await open(folder.path, [3])
  await Promise.all(
    [1, 3].flatMap(piece =>
      [0, 500].map(begin =>
        storage.write(piece, begin, [pieceBytes(FOUR_FILES, piece).slice(begin, begin + 500)].map(own)),
      ),
    ),
  )
  await storage.close()
  const again = await open(folder.path, [3])
  for (const piece of [1, 3]) {
    const bytes = sharedBytes(1000)
    await again.read(piece, 0, [bytes])
    assert.deepEqual(bytes.slice(), pieceBytes(FOUR_FILES, piece).slice(0, 1000))
  }
  await again.close()
})

it('a part file that is none, or damaged, keeps nothing and is begun anew', async () => {
  using folder = new TemporaryFolder()
  writeFileSync(folder.at(PART), 'hello')
  const storage = await open(folder.path, [3])
  await storage.write(1, 0, [pieceBytes(FOUR_FILES, 1)])
  const bytes = sharedBytes(FOUR_FILES.geometry.pieceLengthOf(1))
  await storage.read(1, 0, [bytes])
  assert.deepEqual(bytes, pieceBytes(FOUR_FILES, 1))
  await storage.close()
})

function own(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
  shared.set(bytes)
  return shared
}
