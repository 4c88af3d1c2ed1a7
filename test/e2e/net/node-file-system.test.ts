import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { utf8Bytes, utf8Text } from '../../../src/core/bytes.ts'
import { nodeFileSystem } from '../../../src/net/node-file-system.ts'

async function withFolder(story: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-fs-'))
  try {
    await story(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('nodeFileSystem', () => {
  it('reads what it wrote, and null where nothing is', () =>
    withFolder(async folder => {
      const path = join(folder, 'new', 'folder', 'file')
      assert.equal(await nodeFileSystem.read(path), null)
      await nodeFileSystem.replace(path, utf8Bytes('one'))
      await nodeFileSystem.replace(path, utf8Bytes('two'))
      const bytes = await nodeFileSystem.read(path)
      assert.equal(bytes && utf8Text(bytes), 'two')
      assert.deepEqual(await readdir(join(folder, 'new', 'folder')), ['file'])
    }))

  it('appends, and makes the file where there is none', () =>
    withFolder(async folder => {
      const path = join(folder, 'journal')
      await nodeFileSystem.append(path, utf8Bytes('a'))
      await nodeFileSystem.append(path, utf8Bytes('b'))
      assert.deepEqual(await nodeFileSystem.read(path), utf8Bytes('ab'))
    }))

  it('removes, and lists by name', () =>
    withFolder(async folder => {
      for (const name of ['b', 'a']) await nodeFileSystem.replace(join(folder, name), new Uint8Array(0))
      assert.deepEqual(await nodeFileSystem.list(folder), ['a', 'b'])
      await nodeFileSystem.remove(join(folder, 'a'))
      await nodeFileSystem.remove(join(folder, 'a'))
      assert.deepEqual(await nodeFileSystem.list(folder), ['b'])
      assert.deepEqual(await nodeFileSystem.list(join(folder, 'missing')), [])
    }))

  it('keeps the old file, and leaves nothing behind, where the new one cannot be put in place', () =>
    withFolder(async folder => {
      const path = join(folder, 'taken')
      await nodeFileSystem.replace(join(path, 'inside'), utf8Bytes('x'))
      const failed = { name: 'StorageError', code: 'file-unwritable', path }
      await assert.rejects(nodeFileSystem.replace(path, utf8Bytes('y')), failed)
      assert.deepEqual(await readdir(folder), ['taken'])
    }))

  it('says what is wrong, and where', () =>
    withFolder(async folder => {
      const file = join(folder, 'file')
      await writeFile(file, '')
      const inside = join(file, 'inside')
      const wrong = { name: 'StorageError', code: 'file-unwritable', path: inside }
      await assert.rejects(nodeFileSystem.append(inside, new Uint8Array(1)), wrong)
      await assert.rejects(nodeFileSystem.read(folder), { code: 'file-unreadable', systemCode: 'EISDIR' })
      await assert.rejects(nodeFileSystem.list(file), { code: 'file-unreadable', systemCode: 'ENOTDIR' })
    }))
})
