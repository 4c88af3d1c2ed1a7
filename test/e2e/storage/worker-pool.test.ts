import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { closeSync, constants, existsSync, openSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { Worker } from 'node:worker_threads'
import { StorageError } from '../../../src/core/errors.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { HashWorkers } from '../../../src/storage/hash-workers.ts'
import { WorkerPool } from '../../../src/storage/worker-pool.ts'
import { FOUR_FILES, pieceBytes, sharedBytes } from '../../contract/storage/stored-torrents.ts'
import { until } from '../../support/until.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const SHA1_ONLY = { sha1: true, merkle: null }
const run = promisify(execFile)

/** Who waits for somebody to write to the named pipe waits no longer. */
function letReadersGoOn(path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENXIO') // nobody waits
  }
}

function isStorageError(code: string): (error: unknown) => boolean {
  return error => error instanceof StorageError && error.code === code
}

describe('workers', () => {
  it('do a thousand jobs and give each its own answer', async () => {
    const hasher = new HashWorkers({ threads: 2 })
    const digests = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => hasher.digest([sharedBytes(64, i)], 64, SHA1_ONLY)),
    )
    const one = new HashWorkers({ threads: 1 })
    for (const i of [0, 1, 15, 16, 17, 500, 998, 999]) {
      assert.deepEqual(digests[i], await one.digest([sharedBytes(64, i)], 64, SHA1_ONLY))
    }
    assert.equal(new Set(digests.map(({ sha1 }) => String(sha1))).size > 200, true)
    await Promise.all([hasher.close(), one.close()])
  })

  it('finish what they have when they are closed, and take nothing after', async () => {
    using folder = new TemporaryFolder()
    const workers = new DiskWorkers()
    const storage = await FileStorage.open({ torrent: FOUR_FILES, root: folder.path, workers })
    await storage.prepare()
    const writes = [0, 1, 2, 3].map(piece => storage.write(piece, 0, [pieceBytes(FOUR_FILES, piece)]))
    const closed = workers.close()
    await Promise.all(writes)
    await closed
    assert.equal(readFileSync(folder.at('T/d')).length, 1000)
    await assert.rejects(storage.read(0, 0, [sharedBytes(1)]), isStorageError('storage-closed'))
    await workers.close()
  })

  it('are given up when they are silent for too long, and what they were asked is told so', async () => {
    using folder = new TemporaryFolder()
    const path = folder.at('never answers')
    execFileSync('mkfifo', [path])
    let running = 0
    const count = (worker: Worker): void => {
      running++
      worker.once('exit', () => running--)
    }
    process.on('worker', count)
    const workers = new DiskWorkers()
    const { data: busy, sync: silent } = await workers.laneOf(folder.path)
    assert.deepEqual(workers.giveUpSilent(0), { isAnyWorking: false, givenUp: [] })
    const jobs = [path, `${path} 2`].map(one => silent.run<'state-read'>({ kind: 'state-read', path: one }))
    assert.deepEqual(workers.giveUpSilent(60_000), { isAnyWorking: true, givenUp: [] })
    assert.deepEqual(workers.giveUpSilent(0), { isAnyWorking: false, givenUp: [folder.path] })
    const later = silent.run<'state-read'>({ kind: 'state-read', path: '/dev/null' })
    for (const job of [...jobs, later]) await assert.rejects(job, isStorageError('disk-hangs'))
    assert.deepEqual(workers.giveUpSilent(0), { isAnyWorking: false, givenUp: [] })
    assert.deepEqual(
      await busy.run<'state-read'>({ kind: 'state-read', path: '/dev/null' }),
      new Uint8Array(),
    )
    await workers.close()
    await until(() => {
      letReadersGoOn(path)
      return running === 0
    })
    process.off('worker', count)
  })

  it('are there before the first job where they were warmed up, and are those that do it', async () => {
    using folder = new TemporaryFolder()
    let started = 0
    const count = (): void => void started++
    process.on('worker', count)
    const workers = new DiskWorkers()
    workers.warmUp()
    workers.warmUp()
    await new Promise(setImmediate)
    assert.equal(started, 1)
    const storage = await FileStorage.open({ torrent: FOUR_FILES, root: folder.path, workers })
    await storage.write(0, 0, [pieceBytes(FOUR_FILES, 0)])
    workers.warmUp()
    await new Promise(setImmediate)
    assert.equal(started, 1)
    await workers.close()
    process.off('worker', count)
  })

  it('are not asked with memory that is not shared', async () => {
    const hasher = new HashWorkers()
    assert.throws(() => hasher.digest([new Uint8Array(5)], 5, SHA1_ONLY), TypeError)
    await hasher.close()
  })

  it('hash what they will write where that is asked for, with threads for hashing elsewhere', async () => {
    using folder = new TemporaryFolder()
    const parts = [sharedBytes(300, 1)]
    const hashers = new HashWorkers({ threads: 1 })
    const there = new DiskWorkers({ hashesInLanes: true })
    const elsewhere = new DiskWorkers({ hashesInLanes: false })
    const open = (workers: DiskWorkers) =>
      FileStorage.open({ torrent: FOUR_FILES, root: folder.path, workers })
    const { hasher } = await open(there)
    assert.deepEqual(await hasher?.digest(parts, 300, SHA1_ONLY), await hashers.digest(parts, 300, SHA1_ONLY))
    assert.equal((await open(elsewhere)).hasher, null)
    await Promise.all([there.close(), elsewhere.close(), hashers.close()])
  })

  it('turn a job they cannot do into an error, and go on', async () => {
    const pool = new WorkerPool({ threads: 1 })
    const parts = [sharedBytes(1)]
    const spans = [{ path: '../out', offset: 0, length: 1, mayCreate: true }]
    const root = { path: '/', identity: null }
    await assert.rejects(
      pool.run<'write'>({ kind: 'write', root, spans, parts }),
      isStorageError('storage-failed'),
    )
    assert.ok((await pool.run<'hash'>({ kind: 'hash', parts, contentLength: 1, kinds: SHA1_ONLY })).sha1)
    await pool.close()
  })

  it('let the process end once they are closed, and while they are idle', async () => {
    using folder = new TemporaryFolder()
    const module = new URL('../../../src/storage/hash-workers.ts', import.meta.url).href
    const digest = `
      import { writeFileSync } from 'node:fs'
      import { HashWorkers } from ${JSON.stringify(module)}
      const hasher = new HashWorkers()
      await hasher.digest([new Uint8Array(new SharedArrayBuffer(1))], 1, { sha1: true, merkle: null })`
    for (const [name, end] of [
      ['closed', 'await hasher.close()'],
      ['idle', ''],
    ]) {
      const proof = folder.at(name ?? '')
      const program = `${digest};${end};process.on('exit', () => writeFileSync(${JSON.stringify(proof)}, 'x'))`
      await run(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000 })
      assert.ok(existsSync(proof), name)
    }
  })

  it('keep the process alive while they have something to do', async () => {
    const module = new URL('../../../src/storage/hash-workers.ts', import.meta.url).href
    const program = `
      import { HashWorkers } from ${JSON.stringify(module)}
      const hasher = new HashWorkers()
      const part = new Uint8Array(new SharedArrayBuffer(1))
      hasher.digest([part], 1, { sha1: true, merkle: null }).then(() => console.log('done'))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 20_000,
    })
    assert.equal(stdout, 'done\n')
  })
})
