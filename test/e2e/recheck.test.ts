/** Files of a running torrent are spoilt on a real disk, and a recheck finds it. */

import assert from 'node:assert/strict'
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { describe, it } from 'node:test'
import { openSession } from '../../src/client/node.ts'
import type { Session } from '../../src/client/session.ts'
import { buildTorrent } from '../../src/metainfo/build.ts'
import { planTorrent } from '../../src/metainfo/plan-torrent.ts'
import { hashFiles } from '../../src/storage/hash-files.ts'
import { TemporaryFolder } from './storage/temporary-folder.ts'
import { until } from '../support/until.ts'

const LISTEN = [{ address: '127.0.0.1', port: 0 }]
const PIECE = 16_384
const FILES = ['one', 'two', 'three']
const PIECES_PER_FILE = 16

function contentOf(name: string): Buffer {
  const bytes = Buffer.alloc(PIECES_PER_FILE * PIECE)
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE((at * 2654435761 + name.length) >>> 0, at)
  return bytes
}

/** Makes a torrent of three files, each of whole pieces, below `seed` in the folder. */
async function makeTorrent(folder: TemporaryFolder): Promise<Uint8Array> {
  mkdirSync(folder.at('seed', 'album'), { recursive: true })
  for (const name of FILES) writeFileSync(folder.at('seed', 'album', name), contentOf(name))
  const files = FILES.map(name => ({ path: [name], length: PIECES_PER_FILE * PIECE }))
  const plan = planTorrent({
    name: 'album',
    isSingleFile: false,
    pieceLength: PIECE,
    format: 'hybrid',
    files,
  })
  return buildTorrent(plan, await hashFiles(plan, folder.at('seed', 'album')))
}

/** One bit turns, and the file has the length and the time that it had, as after a fault of the disk. */
function rot(path: string, offset: number): void {
  const { atimeMs, mtimeMs } = statSync(path)
  const byte = readFileSync(path)[offset]!
  const fd = openSync(path, 'r+')
  writeSync(fd, Uint8Array.of(byte ^ 1), 0, 1, offset)
  closeSync(fd)
  utimesSync(path, atimeMs / 1000, mtimeMs / 1000)
}

async function hearLosses(session: Session, into: number[]): Promise<void> {
  for await (const alert of session.alerts()) if (alert.type === 'piece-lost') into.push(alert.piece)
}

describe('a recheck of files on a disk', { timeout: 60_000 }, () => {
  it('finds what rotted, was cut or is gone, and it is fetched again', async () => {
    using folder = new TemporaryFolder()
    const torrentFile = await makeTorrent(folder)
    await using seed = await openSession({ listen: LISTEN })
    await using leech = await openSession({ listen: LISTEN, stateFolder: folder.at('state') })
    const published = await seed.add({ torrentFile }, { folder: folder.at('seed'), isKnownGood: true })
    await published.checked()
    const torrent = await leech.add({ torrentFile }, { folder: folder.at('leech'), peers: seed.listening })
    await torrent.completed()
    const lost: number[] = []
    void hearLosses(leech, lost)
    const at = (name: string): string => folder.at('leech', 'album', name)
    // What is lost is not to be back before all of it was counted.
    torrent.pause()
    rot(at('one'), 5 * PIECE + 77)
    truncateSync(at('two'), 10 * PIECE)
    unlinkSync(at('three'))
    const seen: unknown[] = []
    const result = await torrent.recheck({ onProgress: news => seen.push(news) })
    const { pieces } = result
    assert.deepEqual(result, { pieces, good: 15 + 10, lost: 1 + 6 + 16, found: 0 })
    assert.equal(pieces, FILES.length * PIECES_PER_FILE)
    assert.deepEqual(seen.at(-1), { checked: pieces, pieces })
    await until(() => lost.length === 23)
    assert.equal(torrent.status().verifiedPieces, 25)
    await torrent.resume()
    await until(() => torrent.status().state === 'seeding')
    for (const name of FILES) assert.deepEqual(readFileSync(at(name)), contentOf(name), name)
    const again = await torrent.recheck()
    assert.deepEqual(again, { pieces, good: pieces, lost: 0, found: 0 })
  })

  it('has a file that was deleted made anew, and takes one of its name for it, while the torrent runs', async () => {
    using folder = new TemporaryFolder()
    const torrentFile = await makeTorrent(folder)
    await using seed = await openSession({ listen: LISTEN })
    await using leech = await openSession({ listen: LISTEN })
    const published = await seed.add({ torrentFile }, { folder: folder.at('seed'), isKnownGood: true })
    await published.checked()
    const torrent = await leech.add({ torrentFile }, { folder: folder.at('leech'), peers: seed.listening })
    await torrent.completed()
    const at = (name: string): string => folder.at('leech', 'album', name)
    unlinkSync(at('one'))
    copyFileSync(at('two'), at('copy'))
    renameSync(at('copy'), at('two'))
    const { lost } = await torrent.recheck()
    // The first looks at a file that was replaced may not tell what is in the new one.
    assert.ok(lost >= PIECES_PER_FILE && lost < 2 * PIECES_PER_FILE, `${lost} pieces`)
    await until(() => torrent.status().state === 'seeding')
    for (const name of FILES) assert.deepEqual(readFileSync(at(name)), contentOf(name), name)
  })

  it('finds what somebody put there, and knows it in the next session', async () => {
    using folder = new TemporaryFolder()
    const torrentFile = await makeTorrent(folder)
    const options = { folder: folder.at('leech'), announces: false }
    {
      await using first = await openSession({ listen: [], stateFolder: folder.at('state') })
      const torrent = await first.add({ torrentFile }, options)
      await torrent.checked()
      for (const name of FILES) writeFileSync(folder.at('leech', 'album', name), contentOf(name))
      const pieces = FILES.length * PIECES_PER_FILE
      assert.deepEqual(await torrent.recheck(), { pieces, good: pieces, lost: 0, found: pieces })
      await torrent.completed()
    }
    await using next = await openSession({ listen: [], stateFolder: folder.at('state') })
    const torrent = await next.add({ torrentFile }, options)
    await torrent.checked()
    assert.equal(torrent.status().state, 'seeding')
  })
})
