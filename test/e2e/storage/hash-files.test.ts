import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { after, describe, it } from 'node:test'
import { concatBytes } from '../../../src/core/bytes.ts'
import { StorageError } from '../../../src/core/errors.ts'
import { buildTorrent, type Plan, planTorrent, type PlanOptions } from '../../../src/metainfo/build.ts'
import { parseTorrentFile, type TorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { hashFiles } from '../../../src/storage/hash-files.ts'
import { type FileVerdict, verifyFiles } from '../../../src/storage/verify-files.ts'
import { workerDigest } from '../../../src/storage/worker-digest.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const PIECE_LENGTH = 32_768
const LENGTHS = { 'a.bin': 100_000, 'b/c.bin': 50_000, 'b/empty': 0, 'd.bin': 32_768 }
const workers = new DiskWorkers()
after(() => workers.close())

function contentOf(path: string, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * 13 + (i >> 8) + path.length)
}

/** A folder T with the files above. */
function makeFolder(folder: TemporaryFolder): string {
  for (const [path, length] of Object.entries(LENGTHS)) {
    mkdirSync(dirname(folder.at('T', path)), { recursive: true })
    writeFileSync(folder.at('T', path), contentOf(path, length))
  }
  return folder.at('T')
}

function planOf(format: PlanOptions['format']): Plan {
  const files = Object.entries(LENGTHS).map(([path, length]) => ({ path: path.split('/'), length }))
  return planTorrent({ name: 'T', isSingleFile: false, files, format, pieceLength: PIECE_LENGTH })
}

async function publish(format: PlanOptions['format'], path: string): Promise<TorrentFile> {
  const plan = planOf(format)
  return parseTorrentFile(buildTorrent(plan, await hashFiles(plan, path, { workers })), workerDigest)
}

function verdicts(files: readonly FileVerdict[]): Record<string, string> {
  return Object.fromEntries(files.map(({ path, verdict }) => [path, verdict]))
}

const ALL_GOOD = { 'a.bin': 'good', 'b/c.bin': 'good', 'b/empty': 'good', 'd.bin': 'good' }

describe('hashFiles', () => {
  it('finds the v1 hashes of a folder', async () => {
    using folder = new TemporaryFolder()
    const { v1, v2 } = await hashFiles(planOf('v1'), makeFolder(folder), { workers })
    const whole = concatBytes(Object.entries(LENGTHS).map(([path, length]) => contentOf(path, length)))
    const expected: Uint8Array[] = []
    for (let at = 0; at < whole.length; at += PIECE_LENGTH) {
      expected.push(
        createHash('sha1')
          .update(whole.subarray(at, at + PIECE_LENGTH))
          .digest(),
      )
    }
    assert.deepEqual(v1, concatBytes(expected))
    assert.equal(v2, null)
  })

  it('hashes a single file under another name, with workers of its own', async () => {
    using folder = new TemporaryFolder()
    const path = `${makeFolder(folder)}/d.bin`
    const files = [{ path: ['other'], length: 32_768 }]
    const plan = planTorrent({
      name: 'other',
      isSingleFile: true,
      files,
      format: 'v2',
      pieceLength: PIECE_LENGTH,
    })
    const { v1, v2 } = await hashFiles(plan, path)
    const content = contentOf('d.bin', 32_768)
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
    const leaves = [sha256(content.subarray(0, 16_384)), sha256(content.subarray(16_384))]
    assert.equal(v1, null)
    assert.deepEqual(v2?.[0]?.root, Uint8Array.from(sha256(concatBytes(leaves))))
  })

  it('tells how far it is, up to the end', async () => {
    using folder = new TemporaryFolder()
    const total = 182_768
    const progress: number[] = []
    await hashFiles(planOf('hybrid'), makeFolder(folder), {
      workers,
      onProgress: (done, all) => {
        assert.equal(all, total)
        progress.push(done)
      },
    })
    assert.equal(progress.at(-1), total)
    assert.deepEqual(
      progress,
      progress.toSorted((a, b) => a - b),
    )
  })

  it('refuses files that are not as planned', async () => {
    using folder = new TemporaryFolder()
    const path = makeFolder(folder)
    appendFileSync(`${path}/d.bin`, 'x')
    await assert.rejects(hashFiles(planOf('v1'), path, { workers }), isStorageError('file-changed'))
    rmSync(`${path}/d.bin`)
    await assert.rejects(hashFiles(planOf('v1'), path, { workers }), isStorageError('file-changed'))
  })

  it('notices a file that changes meanwhile', async () => {
    using folder = new TemporaryFolder()
    const path = makeFolder(folder)
    const onProgress = () => appendFileSync(`${path}/a.bin`, 'x')
    await assert.rejects(
      hashFiles(planOf('v1'), path, { workers, onProgress }),
      isStorageError('file-changed'),
    )
  })

  it('stops with the signal’s reason', async () => {
    using folder = new TemporaryFolder()
    const path = makeFolder(folder)
    const abort = new AbortController()
    const reason = new Error('enough')
    const hashing = hashFiles(planOf('v1'), path, {
      workers,
      signal: abort.signal,
      onProgress: () => abort.abort(reason),
    })
    await assert.rejects(hashing, error => error === reason)
    await assert.rejects(
      hashFiles(planOf('v1'), path, { signal: AbortSignal.abort(reason) }),
      error => error === reason,
    )
  })
})

for (const format of ['v1', 'v2', 'hybrid'] as const) {
  describe(`verifyFiles of a ${format} torrent`, () => {
    it('finds what was just hashed good', async () => {
      using folder = new TemporaryFolder()
      const torrent = await publish(format, makeFolder(folder))
      const found = await verifyFiles(torrent, folder.path)
      assert.equal(found.isGood, true)
      assert.equal(found.goodPieces.isFull, true)
      assert.deepEqual(verdicts(found.files), ALL_GOOD)
    })

    it('finds the file with a wrong bit', async () => {
      using folder = new TemporaryFolder()
      const path = makeFolder(folder)
      const torrent = await publish(format, path)
      const content = contentOf('a.bin', 100_000)
      content[40_000]! ^= 1
      writeFileSync(`${path}/a.bin`, content)
      const { isGood, files, goodPieces } = await verifyFiles(torrent, folder.path, { workers })
      assert.equal(isGood, false)
      assert.deepEqual(verdicts(files), { ...ALL_GOOD, 'a.bin': 'bad' })
      assert.equal(goodPieces.count, goodPieces.length - 1)
      assert.equal(goodPieces.has(1), false)
      const [first] = files
      assert.deepEqual([first?.goodPieces, first?.pieces], [3, 4])
    })

    it('finds files that are missing, too short or too long', async () => {
      using folder = new TemporaryFolder()
      const path = makeFolder(folder)
      const torrent = await publish(format, path)
      rmSync(`${path}/b/empty`)
      truncateSync(`${path}/a.bin`, 100)
      appendFileSync(`${path}/d.bin`, 'x')
      const { isGood, files } = await verifyFiles(torrent, folder.path, { workers })
      assert.equal(isGood, false)
      const found = verdicts(files)
      assert.deepEqual(
        [found['b/empty'], found['a.bin'], found['d.bin']],
        ['missing', 'too-short', 'too-long'],
      )
    })

    it('finds nothing in an empty folder, and makes nothing', async () => {
      using folder = new TemporaryFolder()
      using other = new TemporaryFolder()
      const torrent = await publish(format, makeFolder(folder))
      for (const place of [other.path, other.at('none')]) {
        const found = await verifyFiles(torrent, place, { workers })
        assert.equal(found.goodPieces.isEmpty, true)
        assert.ok(found.files.every(({ verdict }) => verdict === 'missing'))
      }
    })
  })
}

describe('verifyFiles', () => {
  it('says so where a link is in the way, which is not followed', async () => {
    using folder = new TemporaryFolder()
    using other = new TemporaryFolder()
    const torrent = await publish('v1', makeFolder(folder))
    symlinkSync(folder.at('T'), other.at('T'))
    await assert.rejects(verifyFiles(torrent, other.path, { workers }), isStorageError('file-is-link'))
  })
})

function isStorageError(code: string): (error: unknown) => boolean {
  return error => error instanceof StorageError && error.code === code
}
