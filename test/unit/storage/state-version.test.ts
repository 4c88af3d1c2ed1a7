import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8Bytes, utf8Text } from '../../../src/core/bytes.ts'
import { StorageError } from '../../../src/core/errors.ts'
import { MemoryStateFiles } from '../../../src/storage/memory-state-files.ts'
import { bringUpToDate, type Migration, STATE_VERSION } from '../../../src/storage/state-version.ts'

function folderOf(files: Readonly<Record<string, string>>): MemoryStateFiles {
  const folder = new MemoryStateFiles()
  for (const [name, text] of Object.entries(files)) {
    const bytes = utf8Bytes(text)
    folder.files.set(`state/${name}`, { bytes, syncedLength: bytes.length })
  }
  return folder
}

async function textOf(folder: MemoryStateFiles, name: string): Promise<string | null> {
  const bytes = await folder.read(`state/${name}`)
  return bytes && utf8Text(bytes)
}

function isStorageError(code: string): (error: unknown) => boolean {
  return error => error instanceof StorageError && error.code === code
}

/** Version 1 kept a list in one file, 2 a file an entry, 3 called them otherwise. */
const MIGRATIONS = new Map<number, Migration>([
  [
    1,
    async (folder, files) => {
      const list = utf8Text((await files.read(`${folder}/list`)) ?? new Uint8Array(0))
      for (const entry of list.split(' ')) await files.replace(`${folder}/entries/${entry}`, utf8Bytes(entry))
    },
  ],
  [
    2,
    async (folder, files) => {
      for (const entry of await files.list(`${folder}/entries`)) {
        await files.replace(`${folder}/new/${entry}`, utf8Bytes(entry.toUpperCase()))
      }
    },
  ],
])

describe('a state folder', () => {
  it('that is new gets the present version', async () => {
    const folder = folderOf({})
    await bringUpToDate('state', folder)
    assert.equal(await textOf(folder, 'version'), `${STATE_VERSION}\n`)
  })

  it('of the present version stays as it is', async () => {
    const folder = folderOf({ version: `${STATE_VERSION}\n`, 'torrents/x': 'y' })
    folder.fault = new StorageError('storage-full', 'nothing may be written')
    await bringUpToDate('state', folder)
  })

  it('of a newer version is refused and not touched', async () => {
    const folder = folderOf({ version: '2\n' })
    folder.fault = new StorageError('storage-full', 'nothing may be written')
    await assert.rejects(bringUpToDate('state', folder), isStorageError('state-newer'))
  })

  it('of an older version goes through every step', async () => {
    const folder = folderOf({ version: '1\n', list: 'a b' })
    await bringUpToDate('state', folder, { current: 3, migrations: MIGRATIONS })
    assert.equal(await textOf(folder, 'new/a'), 'A')
    assert.equal(await textOf(folder, 'new/b'), 'B')
    assert.equal(await textOf(folder, 'version'), '3\n')
  })

  it('whose migration was cut off begins with the step that was not finished', async () => {
    const folder = folderOf({ version: '1\n', list: 'a b' })
    const cut = new Map(MIGRATIONS).set(2, () => Promise.reject(new Error('power')))
    await assert.rejects(bringUpToDate('state', folder, { current: 3, migrations: cut }), /power/)
    assert.equal(await textOf(folder, 'version'), '2\n')
    await bringUpToDate('state', folder, { current: 3, migrations: MIGRATIONS })
    assert.equal(await textOf(folder, 'new/a'), 'A')
  })

  it('that cannot be understood is refused and not touched', async () => {
    for (const files of [
      { version: '' },
      { version: 'one' },
      { version: '0' },
      { 'torrents/x/resume.log': 'x' },
    ]) {
      const folder = folderOf(files)
      folder.fault = new StorageError('storage-full', 'nothing may be written')
      await assert.rejects(bringUpToDate('state', folder), isStorageError('state-damaged'))
    }
    const tooOld = folderOf({ version: '1' })
    await assert.rejects(bringUpToDate('state', tooOld, { current: 2 }), isStorageError('state-damaged'))
  })
})
