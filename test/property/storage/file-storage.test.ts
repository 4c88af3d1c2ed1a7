import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { MemoryStorage } from '../../../src/storage/memory-storage.ts'
import type { StoredTorrent } from '../../../src/storage/stored-torrent.ts'
import type { TorrentStorage } from '../../../src/storage/torrent-storage.ts'
import { inParts, PIECE_LENGTH, sharedBytes, torrentOf } from '../../contract/storage/stored-torrents.ts'

const workers = new DiskWorkers()
const folder = mkdtempSync(join(tmpdir(), 'shoal-storage-'))
let places = 0

after(async () => {
  await workers.close()
  rmSync(folder, { recursive: true })
})

/** All pieces in a row, and which of their bytes were written. */
class Model {
  readonly #torrent: StoredTorrent
  readonly #bytes: Uint8Array
  readonly #isWritten: Uint8Array

  constructor(torrent: StoredTorrent) {
    this.#torrent = torrent
    this.#bytes = new Uint8Array(torrent.geometry.pieceCount * PIECE_LENGTH)
    this.#isWritten = new Uint8Array(this.#bytes.length)
  }

  write(piece: number, begin: number, bytes: Uint8Array): void {
    let at = piece * PIECE_LENGTH + begin
    let taken = 0
    for (const { length, isPad } of this.#torrent.geometry.spans(piece, begin, bytes.length)) {
      if (!isPad) this.#bytes.set(bytes.subarray(taken, taken + length), at)
      this.#isWritten.fill(1, at, at + length)
      at += length
      taken += length
    }
  }

  /** Reads every stretch that was written whole. */
  async assertIn(storage: TorrentStorage): Promise<void> {
    for (let piece = 0; piece < this.#torrent.geometry.pieceCount; piece++) {
      const first = piece * PIECE_LENGTH
      const end = first + this.#torrent.geometry.pieceLengthOf(piece)
      for (let at = first; at < end; ) {
        const until = this.#isWritten.subarray(0, end).indexOf(this.#isWritten[at] ? 0 : 1, at)
        const stop = until < 0 ? end : until
        if (this.#isWritten[at]) {
          const found = sharedBytes(stop - at)
          await storage.read(piece, at - first, [found])
          assert.ok(
            Buffer.from(found).equals(this.#bytes.subarray(at, stop)),
            `piece ${piece} from ${at - first}`,
          )
        }
        at = stop
      }
    }
  }
}

const files = fc.array(
  fc.record({
    length: fc.oneof(fc.nat(2 * PIECE_LENGTH), fc.constant(0), fc.constant(PIECE_LENGTH)),
    isPad: fc.boolean(),
    isWanted: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
)
const range = fc.record({
  piece: fc.nat(),
  begin: fc.nat(),
  length: fc.nat(),
  partLength: fc.integer({ min: 1, max: 9000 }),
})

test('files and memory give the same bytes, whatever is written and read, and a changed choice changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.array(range, { maxLength: 8 }), async (shapes, writes) => {
      const torrent = torrentOf(shapes.map((shape, index) => ({ ...shape, path: `T/${index}` })))
      const { geometry } = torrent
      if (geometry.pieceCount === 0) return
      const isWanted = (file: number) => shapes[file]?.isWanted === true
      const root = join(folder, String(places++))
      const memory = new MemoryStorage({ torrent, isWanted })
      const onDisk = await FileStorage.open({ torrent, isWanted, root, workers })
      for (const storage of [memory, onDisk]) await storage.prepare()
      const model = new Model(torrent)
      for (const [seed, { piece, begin, length, partLength }] of writes.entries()) {
        const at = piece % geometry.pieceCount
        const start = begin % geometry.pieceLengthOf(at)
        const bytes = sharedBytes(1 + (length % (geometry.pieceLengthOf(at) - start)), seed)
        model.write(at, start, bytes)
        for (const storage of [memory, onDisk]) await storage.write(at, start, inParts(bytes, partLength))
      }
      for (const storage of [memory, onDisk]) await model.assertIn(storage)
      await onDisk.close()
      const all = await FileStorage.open({ torrent, root, workers })
      const allInMemory = new MemoryStorage({ torrent, disk: memory.disk })
      for (const storage of [all, allInMemory]) {
        await storage.prepare()
        await model.assertIn(storage)
      }
      await all.close()
    }),
    { numRuns: 40 },
  )
})
