/** Files of a torrent get other names and folders, on real disks. */

import assert from 'node:assert/strict'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { StorageError } from '../../../src/core/errors.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { placeFile, takeBack } from '../../../src/storage/place-file.ts'
import { takeFilesBack } from '../../../src/storage/place-operations.ts'
import { Geometry } from '../../../src/metainfo/geometry.ts'
import { FOUR_FILES, PIECE_LENGTH, pieceBytes, sharedBytes } from '../../contract/storage/stored-torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const PIECES = [0, 1, 2, 3]
const AT_ONCE = { commit: async () => undefined }
const UNNAMED = new Map<number, string>()

/** Memory that is a disk of its own, and where tests mostly do not run. */
const OTHER_DISK = '/dev/shm'

async function filled(workers: DiskWorkers, root: string): Promise<FileStorage> {
  const storage = await FileStorage.open({ torrent: FOUR_FILES, root, workers })
  await storage.prepare()
  for (const piece of PIECES) await storage.write(piece, 0, [pieceBytes(FOUR_FILES, piece)])
  return storage
}

async function assertWhole(storage: FileStorage): Promise<void> {
  for (const piece of PIECES) {
    const bytes = sharedBytes(FOUR_FILES.geometry.pieceLengthOf(piece))
    await storage.read(piece, 0, [bytes])
    assert.deepEqual(bytes, pieceBytes(FOUR_FILES, piece))
  }
}

function hasOtherDisk(folder: TemporaryFolder): boolean {
  return existsSync(OTHER_DISK) && statSync(OTHER_DISK).dev !== statSync(folder.path).dev
}

describe('a torrent whose files move on disk', { timeout: 60_000 }, () => {
  it('moves them as they are on one disk, and leaves no folder behind', async () => {
    using folder = new TemporaryFolder()
    await using workers = closing(new DiskWorkers())
    const storage = await filled(workers.it, folder.at('old'))
    const { ino } = statSync(folder.at('old', 'T', 'a'))
    writeFileSync(folder.at('old', 'mine'), 'mine')
    const left = await storage.relocate({ folder: folder.at('new', 'deep'), names: UNNAMED }, AT_ONCE)
    assert.deepEqual(left, [])
    assert.equal(statSync(folder.at('new', 'deep', 'T', 'a')).ino, ino)
    assert.deepEqual(readdirSync(folder.at('old')), ['mine'])
    await assertWhole(storage)
    await storage.sync()
    await storage.close()
  })

  it('has moved where the old folder goes away at the end, and says what was left there', async () => {
    using folder = new TemporaryFolder()
    await using workers = closing(new DiskWorkers())
    const storage = await filled(workers.it, folder.at('old'))
    const commit = async (): Promise<void> => renameSync(folder.at('old'), folder.at('away'))
    const left = await storage.relocate({ folder: folder.at('new'), names: UNNAMED }, { commit })
    assert.ok(left.length > 0)
    await assertWhole(storage)
    await storage.close()
  })

  it('leaves alone what others put at its old place, or wrote there, at the last moment', async t => {
    using folder = new TemporaryFolder()
    using other = new TemporaryFolder(hasOtherDisk(folder) ? OTHER_DISK : undefined)
    if (!hasOtherDisk(folder)) t.diagnostic('/dev/shm is no other disk here: nothing is copied')
    await using workers = closing(new DiskWorkers())
    for (const [place, isCopied] of [
      [folder, false],
      [other, hasOtherDisk(folder)],
    ] as const) {
      const old = folder.at(`old ${isCopied}`)
      const storage = await filled(workers.it, old)
      const commit = async (): Promise<void> => {
        writeFileSync(folder.at('mine'), 'mine')
        renameSync(folder.at('mine'), join(old, 'T', 'a'))
        if (isCopied) writeFileSync(join(old, 'T', 'd'), 'more', { flag: 'a' })
      }
      const left = await storage.relocate({ folder: place.at('new'), names: UNNAMED }, { commit })
      assert.equal(readFileSync(join(old, 'T', 'a'), 'utf8'), 'mine')
      const written = isCopied ? ['d'] : []
      assert.deepEqual(readdirSync(join(old, 'T')), ['a', ...written])
      assert.deepEqual(
        left.map(({ code }) => code),
        written.map(() => 'file-changed'),
      )
      await assertWhole(storage)
      await storage.close()
    }
  })

  it('has its links where it lies', async () => {
    using folder = new TemporaryFolder()
    await using workers = closing(new DiskWorkers())
    const file = { length: 0, isPad: false, isExecutable: false }
    const files = [
      { ...FOUR_FILES.files[0]!, path: 'T/a' },
      { ...file, path: 'T/sub/link', isLink: true, linkTarget: 'T/a' },
    ]
    const geometry = new Geometry({ pieceLength: PIECE_LENGTH, files, layout: 'packed' })
    const torrent = { id: 'links', files, geometry }
    const storage = await FileStorage.open({ torrent, root: folder.at('old'), workers: workers.it })
    await storage.prepare()
    await storage.write(0, 0, [sharedBytes(PIECE_LENGTH, 1)])
    await storage.relocate({ folder: folder.at('old'), names: new Map([[0, 'T/b']]) }, AT_ONCE)
    await storage.relocate({ folder: folder.at('new'), names: UNNAMED }, AT_ONCE)
    assert.deepEqual(readdirSync(folder.at('old')), [])
    assert.equal(readFileSync(folder.at('new', 'T', 'sub', 'link')).length, PIECE_LENGTH)
    await storage.close()
  })

  it('copies them to another disk, without their holes', async t => {
    using folder = new TemporaryFolder()
    if (!hasOtherDisk(folder)) return t.skip('/dev/shm is no other disk here')
    using other = new TemporaryFolder(OTHER_DISK)
    await using workers = closing(new DiskWorkers())
    const storage = await filled(workers.it, folder.at('old'))
    const length = 64 * 1024 * 1024 + 5
    truncateSync(folder.at('old', 'T', 'a'), length)
    const seen: { moved: number; total: number }[] = []
    const names = new Map([[0, 'T/b/a']])
    await storage.relocate(
      { folder: other.at('new'), names },
      { ...AT_ONCE, onProgress: news => seen.push(news) },
    )
    const moved = statSync(other.at('new', 'T', 'b', 'a'))
    assert.equal(moved.size, length)
    assert.ok(moved.blocks * 512 < 1024 * 1024, `${moved.blocks} blocks`)
    assert.deepEqual(readdirSync(folder.at('old')), [])
    assert.deepEqual(readdirSync(other.at('new')), ['T'])
    assert.equal(seen.at(-1)?.moved, seen.at(-1)?.total)
    await assertWhole(storage)
    await storage.sync()
    await storage.close()
  })

  it('goes on reading while it copies, and is as before where that is given up', async t => {
    using folder = new TemporaryFolder()
    if (!hasOtherDisk(folder)) return t.skip('/dev/shm is no other disk here')
    using other = new TemporaryFolder(OTHER_DISK)
    await using workers = closing(new DiskWorkers())
    const storage = await filled(workers.it, folder.at('old'))
    truncateSync(folder.at('old', 'T', 'a'), 64 * 1024 * 1024)
    const given = new AbortController()
    const reads: Promise<void>[] = []
    const onProgress = (): void => {
      if (reads.length > 0) return
      reads.push(assertWhole(storage).then(() => given.abort(new Error('given up'))))
    }
    const moving = storage.relocate(
      { folder: other.at('new'), names: UNNAMED },
      { ...AT_ONCE, onProgress, signal: given.signal },
    )
    await assert.rejects(moving, /given up/)
    await Promise.all(reads)
    assert.equal(reads.length, 1)
    assert.deepEqual(readdirSync(other.at('new')), [])
    await assertWhole(storage)
    await storage.close()
  })

  it('knows a folder that is reached another way', async () => {
    using folder = new TemporaryFolder()
    await using workers = closing(new DiskWorkers())
    const storage = await filled(workers.it, folder.at('old'))
    symlinkSync(folder.at('old'), folder.at('same'))
    await storage.relocate({ folder: folder.at('same'), names: UNNAMED }, AT_ONCE)
    assert.equal(readFileSync(folder.at('old', 'T', 'd')).length, 1000)
    await assertWhole(storage)
    await storage.close()
  })

  it('goes on with what an interrupted move left', async () => {
    using folder = new TemporaryFolder()
    await using workers = closing(new DiskWorkers())
    const storage = await filled(workers.it, folder.at('old'))
    mkdirSync(folder.at('new', 'T'), { recursive: true })
    linkSync(folder.at('old', 'T', 'a'), folder.at('new', 'T', 'a'))
    await storage.relocate({ folder: folder.at('new'), names: UNNAMED }, AT_ONCE)
    assert.equal(existsSync(folder.at('old', 'T')), false)
    await assertWhole(storage)
    await storage.close()
  })

  it('follows no link below the new folder', async () => {
    using folder = new TemporaryFolder()
    await using workers = closing(new DiskWorkers())
    const storage = await filled(workers.it, folder.at('old'))
    mkdirSync(folder.at('new'))
    mkdirSync(folder.at('elsewhere'))
    symlinkSync(folder.at('elsewhere'), folder.at('new', 'T'))
    await assert.rejects(
      storage.relocate({ folder: folder.at('new'), names: UNNAMED }, AT_ONCE),
      (error: unknown) => error instanceof StorageError && error.code === 'file-is-link',
    )
    assert.deepEqual(readdirSync(folder.at('elsewhere')), [])
    await assertWhole(storage)
    await storage.close()
  })
})

describe('a file that gets another name', () => {
  it('has it no more when that is undone, whatever is at its old place and with the files before it', () => {
    using folder = new TemporaryFolder()
    for (const name of ['1', '2', '3', 'taken']) writeFileSync(folder.at(name), name)
    linkSync(folder.at('3'), folder.at('old 3'))
    const root = { path: folder.path, identity: null }
    const moves = [
      { from: 'gone/1', to: '1', placed: 'renamed' },
      { from: 'taken', to: '2', placed: 'renamed' },
      { from: 'old 3', to: '3', placed: 'linked' },
    ] as const
    assert.throws(() => takeFilesBack({ kind: 'take-back', from: root, to: root, moves }), StorageError)
    assert.deepEqual(readdirSync(folder.path), ['1', '2', 'old 3', 'taken'])
    assert.equal(readFileSync(folder.at('taken'), 'utf8'), 'taken')
  })

  it('never loses its last one', () => {
    using folder = new TemporaryFolder()
    writeFileSync(folder.at('a'), 'a')
    assert.equal(placeFile(folder.at('a'), folder.at('a')), 'same')
    assert.equal(placeFile(folder.at('a'), folder.at('b')), 'linked')
    assert.equal(placeFile(folder.at('a'), folder.at('b')), 'linked')
    takeBack(folder.at('gone'), folder.at('b'), 'linked')
    writeFileSync(folder.at('other'), 'other')
    takeBack(folder.at('other'), folder.at('b'), 'linked')
    assert.ok(existsSync(folder.at('b')), 'at the old name is another file')
    assert.equal(readFileSync(folder.at('b'), 'utf8'), 'a')
    takeBack(folder.at('a'), folder.at('b'), 'linked')
    assert.deepEqual(readdirSync(folder.path), ['a', 'other'])
  })

  it('may change the case of its letters', () => {
    using folder = new TemporaryFolder()
    writeFileSync(folder.at('a'), 'a')
    assert.notEqual(placeFile(folder.at('a'), folder.at('A')), 'apart')
    assert.equal(readFileSync(folder.at('A'), 'utf8'), 'a')
  })
})

function closing<T extends { close(): Promise<void> }>(it: T): AsyncDisposable & { readonly it: T } {
  return { it, [Symbol.asyncDispose]: () => it.close() }
}
