import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { StorageError } from '../../../src/core/errors.ts'
import { torrentIdOf } from '../../../src/core/ids.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { StateFolders } from '../../../src/storage/state-folders.ts'
import { infoOf } from '../../contract/storage/made-torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const ONE = infoOf({ a: 100_000 })
const TWO = infoOf({ b: 100_000 })
const [one, two] = [torrentIdOf(ONE.hashes), torrentIdOf(TWO.hashes)]
const workers = new DiskWorkers()
after(() => workers.close())

function foldersIn(folder: TemporaryFolder): StateFolders {
  return new StateFolders({ folderOf: torrent => folder.at(torrent), workers })
}

function isLocked(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'state-locked'
}

describe('a state folder for each torrent', () => {
  it('lets sessions run side by side as long as their torrents differ', async () => {
    using folder = new TemporaryFolder()
    const [first, second] = [foldersIn(folder), foldersIn(folder)]
    await first.hold(one)
    await second.hold(two)
    await assert.rejects(second.hold(one), isLocked)
    await assert.rejects(
      second.openLog(ONE, async () => []),
      isLocked,
    )
    await first.close()
    await second.hold(one)
    await second.close()
    assert.equal(existsSync(folder.at(`${one}/lock`)), false)
  })

  it('remembers what belongs to each', async () => {
    using folder = new TemporaryFolder()
    const first = foldersIn(folder)
    await first.replace(one, 'metainfo.torrent', Uint8Array.of(1))
    const log = await first.openLog(TWO, async () => [null])
    log.counters(3, 4)
    await log.close()
    await first.close()
    const again = foldersIn(folder)
    assert.deepEqual(await again.read(one, 'metainfo.torrent'), Uint8Array.of(1))
    assert.equal(await again.read(two, 'metainfo.torrent'), null)
    assert.equal((await again.openLog(TWO, async () => [null])).restored?.uploaded, 3)
    await again.close()
  })

  it('is let go of when none of its torrents is in the session any more', async () => {
    using folder = new TemporaryFolder()
    const first = new StateFolders({ folderOf: () => folder.at('./x/../both'), workers })
    const second = new StateFolders({ folderOf: () => folder.at('both'), workers })
    await first.hold(one)
    await first.hold(two)
    await first.release(one)
    await first.release(one)
    await assert.rejects(second.hold(one), isLocked)
    const released = first.release(two)
    await first.hold(two)
    await released
    await assert.rejects(second.hold(one), isLocked)
    await first.release(two)
    await second.hold(one)
    await Promise.all([first.close(), second.close()])
  })

  it('is opened once where two names lead to it', async () => {
    using folder = new TemporaryFolder()
    const state = new StateFolders({ folderOf: () => folder.at('both'), workers })
    await Promise.all([state.hold(one), state.hold(two)])
    await state.close()
  })
})
