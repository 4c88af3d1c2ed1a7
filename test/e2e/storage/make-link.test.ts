import assert from 'node:assert/strict'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { after, describe, it } from 'node:test'
import { Geometry } from '../../../src/metainfo/geometry.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import type { StoredTorrent } from '../../../src/storage/stored-torrent.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const workers = new DiskWorkers()
after(() => workers.close())

const TORRENT = torrentOf({
  'T/d/f': null,
  'T/e/g': null,
  'T/e/l': 'T/d/f',
  'T/chain': 'T/e/l',
  'T/folder': 'T/d',
  'T/below': 'T/folder/f',
  'T/away': 'T/etc/passwd',
})

/** Files of one byte, and links by what they point to. */
function torrentOf(entries: Record<string, string | null>): StoredTorrent {
  const files = Object.entries(entries).map(([path, linkTarget]) => ({
    path,
    length: linkTarget === null ? 1 : 0,
    isPad: false,
    isExecutable: false,
    isLink: linkTarget !== null,
    linkTarget,
  }))
  return { id: 'links', files, geometry: new Geometry({ pieceLength: 16_384, files, layout: 'packed' }) }
}

/** Prepares, and gives the codes of what could not be made. */
async function prepare(
  root: string,
  isWanted: (path: string) => boolean = () => true,
  torrent = TORRENT,
): Promise<string[]> {
  const faults: string[] = []
  const storage = await FileStorage.open({
    torrent,
    root,
    workers,
    isWanted: index => isWanted(torrent.files[index]!.path),
    onLinkFault: fault => faults.push(fault.code),
  })
  await storage.prepare()
  await storage.sync()
  await storage.close()
  return faults
}

/** By name, links not followed. */
function linksIn(folder: string): Record<string, string> {
  const links: Record<string, string> = {}
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) Object.assign(links, linksIn(path))
    else if (entry.isSymbolicLink()) links[entry.name] = readlinkSync(path)
  }
  return links
}

describe('links of a torrent', { skip: process.platform === 'win32' && 'links need a right there' }, () => {
  it('are made where they lead to its files, once', async () => {
    using folder = new TemporaryFolder()
    const made = { chain: 'e/l', folder: 'd', l: '../d/f' }
    assert.deepEqual(await prepare(folder.path), [])
    assert.deepEqual(linksIn(folder.path), made)
    assert.deepEqual(await prepare(folder.path), [])
    assert.deepEqual(linksIn(folder.path), made)
  })

  it('are not made to files that are not wanted', async () => {
    using folder = new TemporaryFolder()
    await prepare(folder.path, path => !path.startsWith('T/d/'))
    assert.deepEqual(linksIn(folder.path), {})
  })

  it('take the place of nothing', async () => {
    using folder = new TemporaryFolder()
    mkdirSync(folder.at('T'))
    writeFileSync(folder.at('T', 'folder'), 'mine')
    assert.deepEqual(await prepare(folder.path), [])
    assert.ok(lstatSync(folder.at('T', 'folder')).isFile())
  })

  it('neither lie behind nor lead to a link that is not their own', async () => {
    using folder = new TemporaryFolder()
    using outside = new TemporaryFolder()
    mkdirSync(folder.at('T', 'e'), { recursive: true })
    mkdirSync(folder.at('T', 'd'))
    symlinkSync(outside.path, folder.at('T', 'e', 'l'))
    assert.deepEqual(await prepare(folder.path), ['file-is-link'])
    assert.ok(!existsSync(folder.at('T', 'chain')))
    assert.deepEqual(readdirSync(outside.path), [])
  })

  it('that the system refuses leave everything else as it should be', async () => {
    using folder = new TemporaryFolder()
    const torrent = torrentOf({ 'T/f': null, [`T/${'x'.repeat(300)}`]: 'T/f', 'T/l': 'T/f' })
    assert.deepEqual(await prepare(folder.path, () => true, torrent), ['file-name-too-long'])
    assert.deepEqual(linksIn(folder.path), { l: 'f' })
  })
})
