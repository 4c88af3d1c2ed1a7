/** What every `TorrentStorage` promises, as tests. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { concatBytes } from '../../../src/core/bytes.ts'
import { StorageError } from '../../../src/core/errors.ts'
import type { StoredTorrent } from '../../../src/storage/stored-torrent.ts'
import type { TorrentStorage } from '../../../src/storage/torrent-storage.ts'
import { FOUR_FILES, inParts, PIECE_LENGTH, pieceBytes, sharedBytes, torrentOf } from './stored-torrents.ts'

/** A place that outlives the storages that are opened on it. */
export interface StoragePlace {
  open(torrent: StoredTorrent, isWanted?: (file: number) => boolean): Promise<TorrentStorage>
  /** Where it lies, and where else it may. */
  readonly folder: string
  readonly otherFolder: string
  /** Behind the storage's back. Null: no such file. */
  readFile(path: string): Promise<Uint8Array | null>
  writeFile(path: string, bytes: Uint8Array): Promise<void>
}

export function storageContract(name: string, makePlace: () => Promise<StoragePlace>): void {
  describe(name, () => {
    async function prepared(
      torrent: StoredTorrent = FOUR_FILES,
      isWanted?: (file: number) => boolean,
    ): Promise<{ place: StoragePlace; storage: TorrentStorage }> {
      const place = await makePlace()
      const storage = await place.open(torrent, isWanted)
      await storage.prepare()
      return { place, storage }
    }

    async function filled(
      torrent: StoredTorrent = FOUR_FILES,
      isWanted?: (file: number) => boolean,
    ): Promise<{ place: StoragePlace; storage: TorrentStorage }> {
      const made = await prepared(torrent, isWanted)
      for (let piece = 0; piece < torrent.geometry.pieceCount; piece++) {
        await made.storage.write(piece, 0, [pieceBytes(torrent, piece)])
      }
      return made
    }

    async function readPiece(
      storage: TorrentStorage,
      torrent: StoredTorrent,
      piece: number,
    ): Promise<Uint8Array> {
      const bytes = sharedBytes(torrent.geometry.pieceLengthOf(piece), 99)
      await storage.read(piece, 0, [bytes])
      return bytes
    }

    it('reads back what was written, over the borders of files', async () => {
      const { storage } = await filled()
      for (let piece = 0; piece < FOUR_FILES.geometry.pieceCount; piece++) {
        assert.deepEqual(await readPiece(storage, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      }
      await storage.close()
    })

    it('puts each byte into its file', async () => {
      const { place, storage } = await filled()
      const whole = concatBytes([0, 1, 2, 3].map(piece => pieceBytes(FOUR_FILES, piece)))
      let at = 0
      for (const { path, length } of FOUR_FILES.files) {
        assert.deepEqual(await place.readFile(path), whole.slice(at, at + length), path)
        at += length
      }
      await storage.close()
    })

    it('takes and fills parts that lie apart, and ranges inside a piece', async () => {
      const { storage } = await prepared()
      const bytes = pieceBytes(FOUR_FILES, 1)
      await storage.write(1, 0, inParts(bytes, 1000))
      const parts = inParts(sharedBytes(5000, 50), 77)
      await storage.read(1, 60, parts)
      assert.deepEqual(concatBytes(parts), bytes.slice(60, 5060))
      await storage.close()
    })

    it('makes empty files when prepared, and no other before its first byte', async () => {
      const { place, storage } = await prepared()
      assert.deepEqual(await place.readFile('T/empty'), new Uint8Array(0))
      assert.equal(await place.readFile('T/a'), null)
      await storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)])
      assert.equal((await place.readFile('T/a'))?.length, PIECE_LENGTH)
      assert.equal(await place.readFile('T/d'), null)
      await storage.close()
    })

    it('keeps what is in files that are there, also beyond their end in the torrent', async () => {
      const place = await makePlace()
      await place.writeFile('T/empty', new Uint8Array([1, 2, 3]))
      await place.writeFile('T/d', new Uint8Array(2000).fill(5))
      const storage = await place.open(FOUR_FILES)
      await storage.prepare()
      await storage.write(3, 0, [pieceBytes(FOUR_FILES, 3)])
      assert.deepEqual(await place.readFile('T/empty'), new Uint8Array([1, 2, 3]))
      assert.deepEqual((await place.readFile('T/d'))?.slice(1000), new Uint8Array(1000).fill(5))
      await storage.close()
    })

    it('rejects a read of a file that is not there, or too short', async () => {
      const { place, storage } = await prepared()
      await assert.rejects(storage.read(0, 0, [sharedBytes(10)]), isStorageError('file-missing'))
      await storage.write(0, 0, [sharedBytes(100)])
      assert.equal((await place.readFile('T/a'))?.length, 100)
      await assert.rejects(storage.read(0, 50, [sharedBytes(51)]), isStorageError('file-truncated'))
      await assert.rejects(storage.read(0, 500, [sharedBytes(1)]), isStorageError('file-truncated'))
      await assert.rejects(storage.digest(0, { sha1: true, merkle: null }), isStorageError('file-truncated'))
      await storage.read(0, 0, [sharedBytes(100)])
      await storage.close()
    })

    it('says what files look like', async () => {
      const { storage } = await prepared()
      const before = await storage.inspect()
      assert.deepEqual(
        before.map(state => state?.length ?? null),
        [null, null, 0, null, null],
      )
      await storage.write(1, 0, [pieceBytes(FOUR_FILES, 1)])
      const after = await storage.inspect()
      assert.deepEqual(
        after.map(state => state?.length ?? null),
        [PIECE_LENGTH + 100, 200, 0, PIECE_LENGTH - 300, null],
      )
      assert.deepEqual(await storage.inspect(), after)
      await storage.close()
    })

    it('says how much room is left, before it is prepared too, or that it cannot tell', async () => {
      const place = await makePlace()
      const storage = await place.open(FOUR_FILES)
      for (const prepare of [async () => undefined, () => storage.prepare()]) {
        await prepare()
        const { free } = await storage.lookAtDisk()
        assert.ok(free === null || (Number.isSafeInteger(free) && free >= 0), String(free))
      }
      assert.equal(await place.readFile('T/a'), null)
      await storage.close()
    })

    it('reads pads as zeros and has them nowhere', async () => {
      const torrent = torrentOf([
        { path: 'T/a', length: 1000 },
        { path: 'T/.pad/31768', length: PIECE_LENGTH - 1000, isPad: true },
        { path: 'T/b', length: 10 },
      ])
      const { place, storage } = await prepared(torrent)
      const bytes = sharedBytes(PIECE_LENGTH)
      await storage.write(0, 0, [bytes])
      assert.equal((await place.readFile('T/a'))?.length, 1000)
      assert.equal(await place.readFile('T/.pad/31768'), null)
      const found = await readPiece(storage, torrent, 0)
      assert.deepEqual(found.slice(0, 1000), bytes.slice(0, 1000))
      assert.deepEqual(found.slice(1000), new Uint8Array(PIECE_LENGTH - 1000))
      await storage.close()
    })

    it('hashes what is on disk: v1 with pads, v2 without', async () => {
      const torrent = torrentOf([
        { path: 'T/a', length: 20_000 },
        { path: 'T/.pad/1', length: PIECE_LENGTH - 20_000, isPad: true },
      ])
      const { storage } = await filled(torrent)
      const content = pieceBytes(torrent, 0).slice(0, 20_000)
      const digest = await storage.digest(0, {
        sha1: true,
        merkle: { ...torrent.geometry.leavesOf(0), wantLeaves: true },
      })
      const leaves = concatBytes([sha256(content.subarray(0, 16_384)), sha256(content.subarray(16_384))])
      assert.deepEqual(digest.sha1, sha1(concatBytes([content, new Uint8Array(PIECE_LENGTH - 20_000)])))
      assert.deepEqual(digest.leaves, leaves)
      assert.deepEqual(digest.merkleRoot, sha256(leaves))
      await storage.close()
    })

    it('hashes short pieces of an aligned torrent', async () => {
      const torrent = torrentOf(
        [
          { path: 'T/a', length: PIECE_LENGTH + 5 },
          { path: 'T/b', length: 7 },
        ],
        'aligned',
      )
      const { storage } = await filled(torrent)
      const kinds = (piece: number) => ({ sha1: false, merkle: torrent.geometry.leavesOf(piece) })
      const second = await storage.digest(1, kinds(1))
      const third = await storage.digest(2, kinds(2))
      const leaf = sha256(pieceBytes(torrent, 1))
      assert.deepEqual(second.merkleRoot, sha256(concatBytes([leaf, new Uint8Array(32)])))
      assert.deepEqual(third, { sha1: null, merkleRoot: sha256(pieceBytes(torrent, 2)), leaves: null })
      await storage.close()
    })

    it('serves whole pieces while files that are not wanted stay away', async () => {
      const { place, storage } = await filled(FOUR_FILES, file => file === 3)
      for (const piece of [1, 2, 3]) {
        assert.deepEqual(await readPiece(storage, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      }
      assert.equal(await place.readFile('T/sub/b'), null)
      assert.equal(await place.readFile('T/d'), null)
      assert.equal(await place.readFile('T/empty'), null)
      await storage.close()
    })

    it('leaves files alone that are not wanted', async () => {
      const place = await makePlace()
      await place.writeFile('T/sub/b', new Uint8Array(200).fill(1))
      const storage = await place.open(FOUR_FILES, file => file === 3)
      await storage.prepare()
      await storage.write(1, 0, [pieceBytes(FOUR_FILES, 1)])
      assert.deepEqual(await place.readFile('T/sub/b'), new Uint8Array(200).fill(1))
      await storage.close()
    })

    it('reads files that are not wanted and there all the same', async () => {
      const { place, storage } = await filled()
      await storage.close()
      const again = await place.open(FOUR_FILES, file => file === 3)
      await again.prepare()
      assert.deepEqual(await readPiece(again, FOUR_FILES, 1), pieceBytes(FOUR_FILES, 1))
      await again.close()
    })

    it('moves what it kept to its file when the choice changes, and nothing else', async () => {
      const { place, storage } = await filled(FOUR_FILES, file => file === 3)
      await storage.close()
      const same = await place.open(FOUR_FILES, file => file === 3)
      await same.prepare()
      assert.deepEqual(await readPiece(same, FOUR_FILES, 1), pieceBytes(FOUR_FILES, 1))
      await same.close()
      const more = await place.open(FOUR_FILES, file => file === 3 || file === 1)
      assert.deepEqual(await more.prepare(), await more.inspect(), 'the files as they are after the move')
      assert.deepEqual(await place.readFile('T/sub/b'), pieceBytes(FOUR_FILES, 1).slice(100, 300))
      assert.equal(await place.readFile('T/d'), null)
      for (const piece of [1, 2, 3]) {
        assert.deepEqual(await readPiece(more, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      }
      await more.close()
      const all = await place.open(FOUR_FILES)
      await all.prepare()
      for (let piece = 0; piece < FOUR_FILES.geometry.pieceCount; piece++) {
        assert.deepEqual(await readPiece(all, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      }
      await all.close()
    })

    it('gives files what was kept of them when they are chosen while it is open', async () => {
      const { place, storage } = await filled(FOUR_FILES, file => file === 3)
      const files = await storage.select(file => file === 3 || file === 1 || file === 2)
      assert.deepEqual(files, await storage.inspect())
      assert.deepEqual(await place.readFile('T/sub/b'), pieceBytes(FOUR_FILES, 1).slice(100, 300))
      assert.deepEqual(await place.readFile('T/empty'), new Uint8Array(0))
      assert.equal(await place.readFile('T/d'), null)
      for (const piece of [1, 2, 3])
        assert.deepEqual(await readPiece(storage, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      await storage.write(3, 0, [pieceBytes(FOUR_FILES, 3)])
      assert.equal(await place.readFile('T/d'), null)
      await storage.select(() => true)
      assert.equal((await place.readFile('T/d'))?.length, 1000)
      await storage.close()
      const again = await place.open(FOUR_FILES)
      await again.prepare()
      for (let piece = 0; piece < FOUR_FILES.geometry.pieceCount; piece++)
        assert.deepEqual(await readPiece(again, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      await again.close()
    })

    it('keeps in their files what files had before they were not wanted any more', async () => {
      const { place, storage } = await prepared()
      await storage.write(1, 0, [pieceBytes(FOUR_FILES, 1)])
      await storage.select(file => file === 3)
      await storage.write(3, 0, [pieceBytes(FOUR_FILES, 3)])
      for (const piece of [1, 3])
        assert.deepEqual(await readPiece(storage, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      assert.deepEqual(await place.readFile('T/sub/b'), pieceBytes(FOUR_FILES, 1).slice(100, 300))
      assert.equal(await place.readFile('T/d'), null)
      await storage.close()
    })

    it('changes the choice between writes, and never under them', async () => {
      const { storage } = await prepared(FOUR_FILES, file => file === 3)
      const work: Promise<unknown>[] = []
      for (let turn = 0; turn < 6; turn++) {
        for (const piece of [1, 3]) work.push(storage.write(piece, 0, [pieceBytes(FOUR_FILES, piece)]))
        work.push(storage.select(file => turn % 2 === 0 || file === 3))
      }
      await Promise.all(work)
      for (const piece of [1, 3])
        assert.deepEqual(await readPiece(storage, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      await storage.close()
    })

    it('has its files under other names, and reads and writes them there', async () => {
      const { place, storage } = await prepared()
      for (const piece of [0, 1]) await storage.write(piece, 0, [pieceBytes(FOUR_FILES, piece)])
      const names = new Map([
        [0, 'T/new/a'],
        [4, 'T/e'],
      ])
      let seen: unknown
      const left = await storage.relocate(
        { folder: place.folder, names },
        { commit: async files => void (seen = files) },
      )
      assert.deepEqual(left, [])
      assert.deepEqual(seen, await storage.inspect())
      for (const piece of [2, 3]) await storage.write(piece, 0, [pieceBytes(FOUR_FILES, piece)])
      for (const piece of [0, 1, 2, 3])
        assert.deepEqual(await readPiece(storage, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      assert.equal(await place.readFile('T/a'), null)
      assert.equal((await place.readFile('T/new/a'))?.length, PIECE_LENGTH + 100)
      assert.equal((await place.readFile('T/e'))?.length, 1000)
      assert.equal((await place.readFile('T/sub/b'))?.length, 200)
      await storage.close()
    })

    it('writes over nothing when files are renamed, and is as before', async () => {
      const { place, storage } = await filled()
      await place.writeFile('T/z', new Uint8Array([1, 2, 3]))
      const names = new Map([
        [0, 'T/y'],
        [1, 'T/z'],
      ])
      const commit = async (): Promise<void> => assert.fail('nothing to commit')
      await assert.rejects(
        storage.relocate({ folder: place.folder, names }, { commit }),
        isStorageError('file-exists'),
      )
      assert.deepEqual(await place.readFile('T/z'), new Uint8Array([1, 2, 3]))
      assert.equal(await place.readFile('T/y'), null)
      for (const piece of [0, 1, 2, 3])
        assert.deepEqual(await readPiece(storage, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      await storage.close()
    })

    it('is as before where what decides of a move fails', async () => {
      const { place, storage } = await filled()
      const commit = (): Promise<void> => Promise.reject(new Error('no'))
      await assert.rejects(
        storage.relocate({ folder: place.folder, names: new Map([[0, 'T/other']]) }, { commit }),
        /^Error: no$/,
      )
      assert.equal(await place.readFile('T/other'), null)
      for (const piece of [0, 1, 2, 3])
        assert.deepEqual(await readPiece(storage, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      await storage.close()
    })

    it('keeps what it keeps of unwanted files when it moves', async () => {
      const { place, storage } = await filled(FOUR_FILES, file => file === 3)
      const moved = { folder: place.otherFolder, names: new Map([[3, 'c']]) }
      await storage.relocate(moved, { commit: async () => undefined })
      for (const piece of [1, 2, 3])
        assert.deepEqual(await readPiece(storage, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      assert.equal(await place.readFile('T/sub/deep/c'), null)
      await storage.write(1, 0, [pieceBytes(FOUR_FILES, 1)])
      await storage.select(() => true)
      assert.deepEqual(await readPiece(storage, FOUR_FILES, 3), pieceBytes(FOUR_FILES, 3))
      await storage.sync()
      await storage.close()
    })

    it('moves between writes, and never under them', async () => {
      const { place, storage } = await prepared()
      const work: Promise<unknown>[] = []
      for (let turn = 0; turn < 6; turn++) {
        for (const piece of [0, 1, 2, 3]) work.push(storage.write(piece, 0, [pieceBytes(FOUR_FILES, piece)]))
        const folder = turn % 2 === 0 ? place.otherFolder : place.folder
        work.push(storage.relocate({ folder, names: new Map() }, { commit: async () => undefined }))
        work.push(storage.sync())
      }
      await Promise.all(work)
      for (const piece of [0, 1, 2, 3])
        assert.deepEqual(await readPiece(storage, FOUR_FILES, piece), pieceBytes(FOUR_FILES, piece))
      await storage.close()
    })

    it('syncs, also when there is nothing to sync', async () => {
      const { storage } = await prepared()
      await storage.sync()
      await storage.write(1, 0, [pieceBytes(FOUR_FILES, 1)])
      await storage.sync()
      await storage.sync()
      await storage.close()
    })
  })
}

function isStorageError(code: string): (error: unknown) => boolean {
  return error => {
    assert.ok(error instanceof StorageError, String(error))
    assert.equal(error.code, code)
    assert.ok(error.path)
    return true
  }
}

function sha1(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha1').update(bytes).digest())
}

function sha256(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(bytes).digest())
}
