import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { after, describe, it } from 'node:test'
import { StorageError } from '../../../src/core/errors.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { pathBelow } from '../../../src/storage/path-guard.ts'
import { FOUR_FILES, pieceBytes, sharedBytes } from '../../contract/storage/stored-torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const workers = new DiskWorkers()
after(() => workers.close())

/** `root` is the download folder, `outside` must never change. */
function makeFolders(folder: TemporaryFolder): { root: string; outside: string } {
  const [root, outside] = [folder.at('downloads'), folder.at('outside')]
  mkdirSync(`${root}/T`, { recursive: true })
  mkdirSync(outside)
  writeFileSync(`${outside}/a`, 'mine')
  return { root, outside }
}

async function assertUntouched(outside: string): Promise<void> {
  assert.deepEqual(readdirSync(outside, { recursive: true }), ['a'])
  assert.equal(readFileSync(`${outside}/a`, 'utf8'), 'mine')
}

function isStorageError(...codes: string[]): (error: unknown) => boolean {
  return error => {
    assert.ok(error instanceof StorageError, String(error))
    assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`)
    return true
  }
}

function open(root: string): Promise<FileStorage> {
  return FileStorage.open({ torrent: FOUR_FILES, root, workers })
}

describe('a link in the download folder', () => {
  it('in the place of a file is neither written to nor read from', async () => {
    using folder = new TemporaryFolder()
    const { root, outside } = makeFolders(folder)
    symlinkSync(`${outside}/a`, `${root}/T/a`)
    const storage = await open(root)
    await storage.prepare()
    await assert.rejects(storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)]), isStorageError('file-is-link'))
    await assert.rejects(storage.read(0, 0, [sharedBytes(4)]), isStorageError('file-is-link'))
    await assert.rejects(storage.digest(0, { sha1: true, merkle: null }), isStorageError('file-is-link'))
    assert.equal((await storage.inspect())[0], null)
    await storage.close()
    await assertUntouched(outside)
  })

  it('that dangles is not followed to make a file', async () => {
    using folder = new TemporaryFolder()
    const { root, outside } = makeFolders(folder)
    symlinkSync(`${outside}/new`, `${root}/T/a`)
    const storage = await open(root)
    await storage.prepare()
    await assert.rejects(storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)]), isStorageError('file-is-link'))
    await storage.close()
    await assertUntouched(outside)
  })

  it('in the place of a folder, at any depth, is not gone through', async () => {
    for (const path of ['T', 'T/sub', 'T/sub/deep']) {
      using folder = new TemporaryFolder()
      const { root, outside } = makeFolders(folder)
      rmSync(`${root}/T`, { recursive: true })
      mkdirSync(dirname(`${root}/${path}`), { recursive: true })
      symlinkSync(outside, `${root}/${path}`)
      const storage = await open(root)
      await assert.rejects(storage.prepare(), isStorageError('file-is-link'))
      await storage.inspect()
      await assert.rejects(storage.write(2, 0, [pieceBytes(FOUR_FILES, 2)]), isStorageError('file-is-link'))
      await storage.close()
      await assertUntouched(outside)
    }
  })

  it('that leads to another place inside is not followed either', async () => {
    using folder = new TemporaryFolder()
    const { root } = makeFolders(folder)
    symlinkSync('d', `${root}/T/a`)
    const storage = await open(root)
    await storage.prepare()
    await assert.rejects(storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)]), isStorageError('file-is-link'))
    await storage.close()
  })

  it('leading to the download folder itself is the user’s choice', async () => {
    using folder = new TemporaryFolder()
    const { root } = makeFolders(folder)
    symlinkSync(root, folder.at('link'))
    const storage = await open(folder.at('link'))
    await storage.prepare()
    await storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)])
    await storage.close()
    assert.deepEqual(new Uint8Array(readFileSync(`${root}/T/a`)), pieceBytes(FOUR_FILES, 0).slice())
  })
})

describe('something that is no file', () => {
  it('in the place of a file is a fault, and is not waited for', async () => {
    using folder = new TemporaryFolder()
    const { root } = makeFolders(folder)
    mkdirSync(`${root}/T/a`)
    const storage = await open(root)
    await storage.prepare()
    await assert.rejects(storage.write(0, 0, [sharedBytes(1)]), isStorageError('file-not-regular'))
    rmSync(`${root}/T/a`, { recursive: true })
    execFileSync('mkfifo', [`${root}/T/a`])
    await assert.rejects(storage.write(0, 0, [sharedBytes(1)]), isStorageError('file-not-regular'))
    await assert.rejects(storage.read(0, 0, [sharedBytes(1)]), isStorageError('file-not-regular'))
    await storage.close()
  })

  it('in the place of a folder is a fault', async () => {
    using folder = new TemporaryFolder()
    const { root } = makeFolders(folder)
    writeFileSync(`${root}/T/sub`, 'a file')
    const storage = await open(root)
    await assert.rejects(storage.prepare(), isStorageError('file-not-regular'))
    await storage.close()
    assert.equal(readFileSync(`${root}/T/sub`, 'utf8'), 'a file')
  })
})

describe('the download folder', () => {
  it('that vanishes is waited for, and not made again', async () => {
    using folder = new TemporaryFolder()
    const { root } = makeFolders(folder)
    const storage = await open(root)
    await storage.prepare()
    renameSync(root, `${root}-away`)
    await assert.rejects(
      storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)]),
      isStorageError('storage-unmounted'),
    )
    assert.equal(existsSync(root), false)
    await assert.rejects(storage.inspect(), isStorageError('storage-unmounted'))
    renameSync(`${root}-away`, root)
    await storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)])
    await storage.close()
  })

  it('that is another one now, as when its disk was unmounted, stays empty', async () => {
    using folder = new TemporaryFolder()
    const { root } = makeFolders(folder)
    const storage = await open(root)
    await storage.prepare()
    renameSync(root, `${root}-away`)
    mkdirSync(root)
    await assert.rejects(
      storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)]),
      isStorageError('storage-unmounted'),
    )
    await assert.rejects(storage.read(0, 0, [sharedBytes(1)]), isStorageError('storage-unmounted'))
    await assert.rejects(storage.inspect(), isStorageError('storage-unmounted'))
    await assert.rejects(
      storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)]),
      isStorageError('storage-unmounted'),
    )
    assert.deepEqual(readdirSync(root), [])
    await storage.close()
  })

  it('that is back as another, as when its disk was mounted again, is used at once', async () => {
    using folder = new TemporaryFolder()
    const { root } = makeFolders(folder)
    const storage = await open(root)
    await storage.prepare()
    await storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)])
    await storage.sync()
    renameSync(root, `${root}-away`)
    mkdirSync(root)
    await assert.rejects(
      storage.write(3, 0, [pieceBytes(FOUR_FILES, 3)]),
      isStorageError('storage-unmounted'),
    )
    rmSync(root, { recursive: true })
    cpSync(`${root}-away`, root, { recursive: true })
    await storage.write(3, 0, [pieceBytes(FOUR_FILES, 3)])
    assert.equal(readFileSync(`${root}/T/d`).length, 1000)
    await storage.read(0, 0, [sharedBytes(1)])
    await storage.close()
  })

  it('that was gone is not said to hold what was written before: the next sync fails, once', async () => {
    using folder = new TemporaryFolder()
    const { root } = makeFolders(folder)
    const storage = await open(root)
    await storage.prepare()
    await storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)])
    renameSync(root, `${root}-away`)
    await assert.rejects(
      storage.write(3, 0, [pieceBytes(FOUR_FILES, 3)]),
      isStorageError('storage-unmounted'),
    )
    renameSync(`${root}-away`, root)
    await assert.rejects(storage.sync(), isStorageError('storage-unmounted'))
    await storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)])
    await storage.sync()
    await storage.close()
  })
})

describe('pathBelow', () => {
  it('refuses what could leave the folder, whoever let it through', () => {
    for (const path of ['..', 'a/../../b', '/etc/passwd', 'a//b', '', '.', 'a/./b', 'a\0b']) {
      assert.throws(() => pathBelow('/root', path), RangeError, path)
    }
    assert.equal(pathBelow('/root', 'a/b'), '/root/a/b')
  })
})
