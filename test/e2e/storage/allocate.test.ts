import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { it } from 'node:test'
import { allocate } from '../../../src/client/allocate.ts'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { storedTorrent } from '../../../src/storage/stored-torrent.ts'
import { infoOf } from '../../contract/storage/made-torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const LENGTHS = { a: 3_000_000, b: 9_000_001, c: 5_000_000 }

it('files take their room on the disk, and keep what is in them', async () => {
  using folder = new TemporaryFolder()
  const info = infoOf(LENGTHS)
  const root = folder.at('downloads')
  const torrent = storedTorrent(info)
  const [a, b, c] = torrent.files.map(({ path }) => folder.at('downloads', path))
  mkdirSync(folder.at('downloads', info.name), { recursive: true })
  writeFileSync(b!, Buffer.alloc(4_000_000, 7))
  const workers = new DiskWorkers()
  const isWanted = (file: number): boolean => file !== 0
  const storage = await FileStorage.open({ torrent, root, workers, isWanted })
  const request = {
    info,
    storage,
    files: await storage.prepare(),
    have: new Bitfield(info.geometry.pieceCount),
    isWanted,
    signal: new AbortController().signal,
    hold: () => null,
  }
  assert.equal(await allocate(request), true)
  assert.equal(statSync(a!, { throwIfNoEntry: false }), undefined)
  for (const [path, length] of [
    [b!, LENGTHS.b],
    [c!, LENGTHS.c],
  ] as const) {
    const { size, blocks } = statSync(path)
    assert.equal(size, length)
    assert.ok(blocks * 512 >= length - 4_000_000, `${blocks} blocks of ${path}`)
  }
  const bytes = readFileSync(b!)
  assert.ok(bytes.subarray(0, 4_000_000).every(byte => byte === 7))
  assert.ok(bytes.subarray(4_000_000).every(byte => byte === 0))
  assert.equal(await allocate({ ...request, files: await storage.inspect() }), false)
  await storage.close()
  await workers.close()
})
