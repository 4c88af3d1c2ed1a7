import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { StorageError } from '../../../src/core/errors.ts'
import { isPassingFault } from '../../../src/core/passing-fault.ts'
import { MemoryStateFiles } from '../../../src/storage/memory-state-files.ts'
import { refuseIfGone } from '../../../src/storage/refuse-if-gone.ts'
import { ResumeLog } from '../../../src/storage/resume-log.ts'
import type { FileState } from '../../../src/storage/torrent-storage.ts'
import { infoOf } from '../../contract/storage/made-torrents.ts'

const INFO = infoOf({ a: 150_000, b: 170_000 })
const LOOK = { length: 1, mtimeNs: 2n, ino: 3n, dev: 4n }
const OTHER_DEVICE = 5n
const THERE: readonly FileState[] = INFO.files.map(() => LOOK)
const GONE: readonly FileState[] = INFO.files.map(() => null)

/** A torrent's state, and what its files look like. */
class Bench {
  readonly #files = new MemoryStateFiles()
  looks = THERE
  /** Of the disk that is there now. */
  device = OTHER_DEVICE

  open(): Promise<ResumeLog> {
    return ResumeLog.open({
      files: this.#files,
      path: 'x/resume.log',
      info: INFO,
      inspect: async () => this.looks,
    })
  }

  /** What a start says of it; null where it may go on. */
  async refusal(): Promise<StorageError | null> {
    const log = await this.open()
    try {
      await log.refuseIfGone({ folder: '/mnt/films', device: this.device })
      return null
    } catch (error) {
      assert.ok(error instanceof StorageError)
      return error
    } finally {
      await log.close()
    }
  }
}

/** Some pieces were written and synced, then the program ended. */
async function downloaded(pieces: readonly number[]): Promise<Bench> {
  const bench = new Bench()
  const log = await bench.open()
  for (const piece of pieces) log.pieceWritten(piece, INFO.geometry.pieceLength)
  await log.commit(async () => undefined)
  await log.close()
  return bench
}

describe('a start of a torrent', () => {
  it('is refused where all that was downloaded has vanished: the disk is not mounted', async () => {
    const bench = await downloaded([0, 4])
    bench.looks = GONE
    const refusal = await bench.refusal()
    assert.equal(refusal?.code, 'folder-gone')
    assert.equal(refusal.path, '/mnt/films')
    assert.match(refusal.message, /\/mnt\/films.*mount.*torrents\/[0-9a-f]{40}/)
    assert.ok(isPassingFault(refusal))
  })

  it('is refused again the next time, and goes on when the disk is back, with all that was believed', async () => {
    const bench = await downloaded([0, 4])
    bench.looks = GONE
    for (let start = 0; start < 3; start++) assert.equal((await bench.refusal())?.code, 'folder-gone')
    bench.looks = THERE
    assert.equal(await bench.refusal(), null)
    const { restored } = await bench.open()
    assert.deepEqual([...(restored?.synced ?? [])], [0, 4])
    assert.equal(restored?.isUnchanged('a', LOOK), true)
  })

  it('goes on where one file is still there: the others were deleted', async () => {
    const bench = await downloaded([0, 4])
    bench.looks = [LOOK, null]
    assert.equal(await bench.refusal(), null)
  })

  it('goes on where the disk that had them is there: all were deleted', async () => {
    const bench = await downloaded([0, 4])
    bench.looks = GONE
    bench.device = LOOK.dev
    assert.equal(await bench.refusal(), null)
  })

  it('goes on where nothing was downloaded yet', async () => {
    const bench = await downloaded([])
    bench.looks = GONE
    assert.equal(await bench.refusal(), null)
    assert.doesNotThrow(() => refuseIfGone(null, GONE, INFO, { folder: '/mnt/films', device: OTHER_DEVICE }))
  })

  it('goes on where what was written never was synced, or a check found nothing of it good', async () => {
    const unsynced = new Bench()
    const log = await unsynced.open()
    log.pieceWritten(1, INFO.geometry.pieceLength)
    await log.close()
    unsynced.looks = GONE
    assert.equal(await unsynced.refusal(), null)

    const bad = await downloaded([0, 4])
    const checked = await bad.open()
    await checked.checked(new Bitfield(INFO.geometry.pieceCount))
    await checked.close()
    bad.looks = GONE
    assert.equal(await bad.refusal(), null)
  })
})
