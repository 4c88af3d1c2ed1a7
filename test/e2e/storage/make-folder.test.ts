import assert from 'node:assert/strict'
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { prepareTargetFolder } from '../../../src/cli/target-folder.ts'
import { StorageError } from '../../../src/core/errors.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { foldersWithNewEntries, makeFolder } from '../../../src/storage/make-folder.ts'
import { StateFolder } from '../../../src/storage/state-folder.ts'
import { FOUR_FILES } from '../../contract/storage/stored-torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

function isSystemError(code: string): (error: unknown) => boolean {
  return error => error instanceof Error && 'code' in error && error.code === code
}

const workers = new DiskWorkers()
after(() => workers.close())

const noProc = existsSync('/proc/self') ? false : 'there is no /proc here'

function isUnusable(error: unknown): boolean {
  assert.ok(error instanceof StorageError, String(error))
  assert.equal(error.code, 'folder-unusable')
  assert.match(error.message, /\/proc\/shoal.*takes no folders.*choose another/)
  return true
}

describe('makeFolder', () => {
  it('makes what is missing, and says where it began', () => {
    using folder = new TemporaryFolder()
    assert.equal(makeFolder(folder.at('a/b/c')), folder.at('a'))
    assert.ok(statSync(folder.at('a/b/c')).isDirectory())
    assert.equal(makeFolder(folder.at('a/b/d')), folder.at('a/b/d'))
  })

  it('names the folders that got an entry, from the bottom up', () => {
    using folder = new TemporaryFolder()
    const first = makeFolder(folder.at('a/b/c'))
    const changed = foldersWithNewEntries(folder.at('a/b/c'), first)
    assert.deepEqual(changed, [folder.at('a/b'), folder.at('a'), folder.path])
    assert.deepEqual(foldersWithNewEntries(folder.at('a/b/c'), makeFolder(folder.at('a/b/c'))), [])
  })

  it('makes nothing where all is there, also by way of a link', () => {
    using folder = new TemporaryFolder()
    mkdirSync(folder.at('real'))
    symlinkSync(folder.at('real'), folder.at('link'))
    assert.equal(makeFolder(folder.at('link')), null)
    assert.equal(makeFolder(folder.at('link/below')), folder.at('link/below'))
    assert.ok(existsSync(folder.at('real/below')))
  })

  it('fails where a file is in the way', () => {
    using folder = new TemporaryFolder()
    writeFileSync(folder.at('file'), '')
    assert.throws(() => makeFolder(folder.at('file')), isSystemError('EEXIST'))
    assert.throws(() => makeFolder(folder.at('file/a/b')), /EEXIST|ENOTDIR/)
  })

  it('ends where the system takes no folder and says that the one above is missing', {
    skip: noProc,
  }, () => {
    assert.throws(() => makeFolder('/proc/shoal'), isSystemError('ENOENT'))
    assert.throws(() => makeFolder('/proc/shoal/a/b'), isSystemError('ENOENT'))
  })

  it('ends where a link leads nowhere', () => {
    using folder = new TemporaryFolder()
    symlinkSync(folder.at('nowhere'), folder.at('link'))
    assert.throws(() => makeFolder(folder.at('link/a')), isSystemError('EEXIST'))
  })
})

describe('a folder that the system will not make', () => {
  it('is said to be unusable: for downloads, for state, and by the command line', {
    skip: noProc,
  }, async () => {
    const storage = await FileStorage.open({ torrent: FOUR_FILES, root: '/proc/shoal/downloads', workers })
    await assert.rejects(storage.prepare(), isUnusable)
    await storage.close()
    await assert.rejects(StateFolder.open({ path: '/proc/shoal/state', workers }), isUnusable)
    await assert.rejects(prepareTargetFolder('/proc/shoal/downloads'), isUnusable)
  })
})
