import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkExisting, type CheckRequest } from '../../../src/client/checker.ts'
import { PieceHashes } from '../../../src/metainfo/piece-hashes.ts'
import type { TorrentFormat } from '../../../src/metainfo/plan-torrent.ts'
import { MemoryDisk, MemoryStorage } from '../../../src/storage/memory-storage.ts'
import type { Restored } from '../../../src/storage/resume-log.ts'
import { storedTorrent } from '../../../src/storage/stored-torrent.ts'
import type { DigestKinds, PieceDigest } from '../../../src/storage/torrent-storage.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { bitsOf } from '../../support/picker-board.ts'
import { makeTorrent } from '../../support/torrents.ts'

const PIECE = 32_768

/** Notes which pieces were hashed. */
class WatchedStorage extends MemoryStorage {
  readonly hashed: number[] = []

  override digest(piece: number, kinds: DigestKinds): Promise<PieceDigest> {
    this.hashed.push(piece)
    return super.digest(piece, kinds)
  }
}

interface Found {
  /** `#` is good, a character a piece. */
  readonly good: string
  readonly hashed: number[]
  readonly progress: string[]
}

/** Two files of two pieces each, `a` and `b`, on a disk. */
function bench(options: { format?: TorrentFormat; pad?: number } = {}) {
  const made = makeTorrent({ a: 2 * PIECE, b: 2 * PIECE }, { format: 'v1', pieceLength: PIECE, ...options })
  const { info, torrent, contentOf } = made
  const disk = new MemoryDisk()
  const put = (path: string, bytes = contentOf(path)): void => disk.write(`made/${path}`, 0, bytes)
  const check = async (request: Partial<CheckRequest> = {}): Promise<Found> => {
    const storage = new WatchedStorage({ torrent: storedTorrent(info), disk })
    const progress: string[] = []
    const good = await checkExisting({
      info,
      hashes: new PieceHashes(info, torrent.layers, testDigest),
      storage,
      files: await storage.inspect(),
      isWanted: () => true,
      restored: null,
      isKnownGood: false,
      signal: new AbortController().signal,
      hold: () => null,
      progress: (checked, goodSoFar) => progress.push(`${checked}/${goodSoFar}`),
      ...request,
    })
    const marks = Array.from({ length: info.geometry.pieceCount }, (_, piece) =>
      good.has(piece) ? '#' : '.',
    )
    return { good: marks.join(''), hashed: storage.hashed.toSorted((a, b) => a - b), progress }
  }
  return { put, check, contentOf, disk }
}

/** What was remembered of the files that are named, as they were left. */
function remembered(synced: string, unsure: string, unchanged: string): Restored {
  return {
    synced: bitsOf(synced),
    unsure: bitsOf(unsure),
    spilled: new Map(),
    uploaded: 0,
    downloaded: 0,
    files: new Map(),
    isUnchanged: path => unchanged.includes(path),
  }
}

describe('what is on disk, where nothing is remembered', () => {
  it('is hashed, and only what exists', async () => {
    for (const format of ['v1', 'v2', 'hybrid'] as const) {
      const { put, check } = bench({ format })
      put('a')
      const { good, hashed, progress } = await check()
      assert.equal(good, '##..')
      assert.deepEqual(hashed, [0, 1])
      assert.deepEqual([progress[0], progress.at(-1)], ['2/0', '4/2'])
    }
  })

  it('is nothing in an empty folder', async () => {
    const { good, hashed, progress } = await bench().check()
    assert.equal(good, '....')
    assert.deepEqual(hashed, [])
    assert.deepEqual(progress, ['4/0'])
  })

  it('counts piece by piece: what is wrong or cut off is not had', async () => {
    const { put, check, contentOf } = bench()
    put('a', contentOf('a').subarray(0, 2 * PIECE - 1))
    const wrong = contentOf('b').slice()
    wrong[PIECE] = wrong[PIECE]! ^ 1
    put('b', wrong)
    const { good, hashed } = await check()
    assert.equal(good, '#.#.')
    assert.deepEqual(hashed, [0, 2, 3])
  })

  it('is believed where it was made or checked just now, as far as it is there', async () => {
    const { put, check } = bench()
    put('a')
    const { good, hashed } = await check({ isKnownGood: true })
    assert.equal(good, '##..')
    assert.deepEqual(hashed, [])
  })
})

describe('what is remembered', () => {
  it('is believed where it was synced and its file is as it was', async () => {
    const { put, check } = bench()
    put('a')
    put('b')
    const { good, hashed } = await check({ restored: remembered('#.#.', '....', 'ab') })
    assert.equal(good, '#.#.')
    assert.deepEqual(hashed, [])
  })

  it('is hashed where it was written and not synced', async () => {
    const { put, check } = bench()
    put('a')
    put('b')
    const { good, hashed } = await check({ restored: remembered('#...', '.##.', 'ab') })
    assert.equal(good, '###.')
    assert.deepEqual(hashed, [1, 2])
  })

  it('is hashed where the file changed since', async () => {
    const { put, check, contentOf } = bench()
    put('a')
    put('b', new Uint8Array(contentOf('b').length))
    const { good, hashed } = await check({ restored: remembered('####', '....', 'a') })
    assert.equal(good, '##..')
    assert.deepEqual(hashed, [2, 3])
  })

  it('is gone where the file is gone', async () => {
    const { put, check } = bench()
    put('a')
    const { good, hashed } = await check({ restored: remembered('####', '....', 'ab') })
    assert.equal(good, '##..')
    assert.deepEqual(hashed, [])
  })
})

describe('a piece that is nothing but pad', () => {
  it('is in no file, and found good by its hash, remembered or not', async () => {
    const { put, check } = bench({ pad: PIECE })
    assert.deepEqual((await check()).good, '....#')
    put('a')
    const { good, hashed } = await check({ restored: remembered('##...', '.....', 'ab') })
    assert.equal(good, '##..#')
    assert.deepEqual(hashed, [4])
    const later = await check({ restored: remembered('##..#', '.....', 'ab') })
    assert.equal(later.good, '##..#')
    assert.deepEqual(later.hashed, [])
  })
})

describe('files that are not selected', () => {
  const isWanted = (file: number): boolean => file === 0

  it('are not looked at', async () => {
    const { put, check } = bench()
    put('a')
    put('b')
    const { good, hashed } = await check({ isWanted })
    assert.equal(good, '##..')
    assert.deepEqual(hashed, [0, 1])
    assert.equal((await check({ isWanted, isKnownGood: true })).good, '##..')
  })

  it('keep what is remembered of them', async () => {
    const { put, check } = bench()
    put('a')
    put('b')
    const { good, hashed } = await check({ isWanted, restored: remembered('#.#.', '...#', 'ab') })
    assert.equal(good, '#.#.')
    assert.deepEqual(hashed, [])
  })

  it('are hashed where they changed since, and not had where they are gone', async () => {
    const { put, check, contentOf } = bench()
    put('a')
    assert.equal((await check({ isWanted, restored: remembered('####', '....', 'ab') })).good, '##..')
    put('b', new Uint8Array(contentOf('b').length))
    const { good, hashed } = await check({ isWanted, restored: remembered('###.', '....', 'a') })
    assert.equal(good, '##..')
    assert.deepEqual(hashed, [2])
  })
})

describe('a piece that a wanted file shares with one that is not', () => {
  /** `a` ends in the middle of piece 1, where `b` begins. */
  function shared() {
    const made = makeTorrent({ a: PIECE + 1000, b: 3 * PIECE }, { format: 'v1', pieceLength: PIECE })
    const { info, torrent, contentOf } = made
    const disk = new MemoryDisk()
    disk.write('made/a', 0, contentOf('a'))
    const check = async (unchanged: string, known: string): Promise<Found> => {
      const isWanted = (file: number): boolean => file === 0
      const storage = new WatchedStorage({ torrent: storedTorrent(info), disk, isWanted })
      const state = { length: 1, mtimeNs: 1n, ino: 1n, dev: 1n }
      const files = new Map([...known].map(path => [path, { state, isOpen: false }]))
      const good = await checkExisting({
        info,
        hashes: new PieceHashes(info, torrent.layers, testDigest),
        storage,
        files: await storage.inspect(),
        isWanted,
        restored: { ...remembered('#####', '.....', unchanged), files },
        isKnownGood: false,
        signal: new AbortController().signal,
        hold: () => null,
        progress: () => undefined,
      })
      const marks = [0, 1].map(piece => (good.has(piece) ? '#' : '.'))
      return { good: marks.join(''), hashed: storage.hashed.filter(piece => piece < 2), progress: [] }
    }
    return { disk, contentOf, check }
  }

  it('is not believed where the other file was changed, or is gone', async () => {
    const { disk, contentOf, check } = shared()
    const other = contentOf('b').slice()
    other[0]! ^= 1
    disk.write('made/b', 0, other)
    assert.deepEqual(await check('a', 'ab'), { good: '#.', hashed: [1], progress: [] })
    disk.write('made/b', 0, contentOf('b'))
    assert.deepEqual(await check('a', 'ab'), { good: '##', hashed: [1], progress: [] })
    disk.files.delete('made/b')
    assert.deepEqual(await check('a', 'ab'), { good: '#.', hashed: [1], progress: [] })
  })

  it('is believed where the other file is as it was, or was never there', async () => {
    const { disk, contentOf, check } = shared()
    assert.deepEqual(await check('a', 'a'), { good: '##', hashed: [], progress: [] })
    disk.write('made/b', 0, contentOf('b'))
    assert.deepEqual(await check('ab', 'ab'), { good: '##', hashed: [], progress: [] })
  })
})

describe('a check', () => {
  it('ends when it is aborted', async () => {
    const { put, check } = bench()
    put('a')
    await assert.rejects(check({ signal: AbortSignal.abort(new Error('enough')) }), /enough/)
  })
})
