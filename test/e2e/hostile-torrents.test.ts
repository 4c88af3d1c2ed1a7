import assert from 'node:assert/strict'
import { lstatSync, mkdirSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openSession } from '../../src/client/node.ts'
import type { Session } from '../../src/client/session.ts'
import { BLOCK_LENGTH } from '../../src/metainfo/geometry.ts'
import type { Info } from '../../src/metainfo/info.ts'
import { parseTorrentFile } from '../../src/metainfo/torrent-file.ts'
import { nodeDigest } from '../../src/net/node-digest.ts'
import { DiskWorkers } from '../../src/storage/disk-workers.ts'
import { FileStorage } from '../../src/storage/file-storage.ts'
import { storedTorrent } from '../../src/storage/stored-torrent.ts'
import { LOADED_TORRENTS } from '../vectors/torrents/loaded-torrents.ts'
import { REFUSED_TORRENTS } from '../vectors/torrents/refused-torrents.ts'
import { TemporaryFolder } from './storage/temporary-folder.ts'

/** Pieces at the start and at the end are enough to make every file that a torrent can make. */
const PIECES_WRITTEN = 40

describe('hostile torrents on a real disk', { timeout: 120_000 }, () => {
  const workers = new DiskWorkers()
  const around = new TemporaryFolder()
  let session: Session

  before(async () => {
    session = await openSession({ listen: [] })
  })

  after(async () => {
    await session.close()
    await workers.close()
    around[Symbol.dispose]()
  })

  for (const { name, make, verdict } of REFUSED_TORRENTS) {
    it(`refuses ${name} with its code, and makes nothing`, async () => {
      const target = around.at('refused')
      const adding = session.add({ torrentFile: make() }, { folder: target, announces: false })
      await assert.rejects(adding, { code: 'error' in verdict ? verdict.error : '' })
      assert.deepEqual(readdirSync(around.path), [])
    })
  }

  for (const { name, make } of LOADED_TORRENTS) {
    it(`keeps every byte of ${name} inside the folder`, async () => {
      using outside = new TemporaryFolder()
      const target = outside.at('deep', 'target')
      mkdirSync(target, { recursive: true })
      const { info } = parseTorrentFile(make(), nodeDigest)
      await writeSome(info, target, workers)
      assert.deepEqual(
        everythingIn(outside.path).filter(path => !isBelow(path)),
        [],
      )
      const allowed = new Set(storedTorrent(info).files.map(file => file.path.split('/').join(sep)))
      for (const path of everythingIn(target)) {
        if (lstatSync(join(target, path)).isSymbolicLink()) assertLeadsInside(target, info.name, path)
        const isPartFile = /^\.[0-9a-f]+\.shoal-part$/.test(path)
        assert.ok(isPartFile || allowed.has(path), `${path} is none of the torrent's files`)
      }
    })
  }
})

/** All files (no folders) below a folder. Links are not followed, which `readdir` would do when recursive. */
function everythingIn(folder: string, path = ''): string[] {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap(entry => {
    const inner = join(path, entry.name)
    return entry.isDirectory() ? everythingIn(folder, inner) : [inner]
  })
}

/** To something that is there, and in the torrent's own folder. */
function assertLeadsInside(target: string, name: string, path: string): void {
  assert.ok(!isAbsolute(readlinkSync(join(target, path))))
  const led = relative(realpathSync(target), dirname(realpathSync(join(target, path))))
  assert.ok(led === name || led.startsWith(name + sep) || led === '', `${path} leads to ${led}`)
}

function isBelow(path: string): boolean {
  return path.startsWith(join('deep', 'target') + sep)
}

async function writeSome(info: Info, target: string, workers: DiskWorkers): Promise<void> {
  const storage = await FileStorage.open({ torrent: storedTorrent(info), root: target, workers })
  try {
    await storage.prepare()
    const { geometry } = info
    const block = new Uint8Array(new SharedArrayBuffer(BLOCK_LENGTH)).fill(0x5a)
    const writes: Promise<void>[] = []
    for (let piece = 0; piece < Math.min(geometry.pieceCount, PIECES_WRITTEN); piece++) {
      const length = geometry.blockLength(piece, 0)
      writes.push(storage.write(piece, 0, [block.subarray(0, length)]))
    }
    await Promise.all(writes)
  } finally {
    await storage.close()
  }
}
