import assert from 'node:assert/strict'
import { copyFileSync, renameSync } from 'node:fs'
import { describe, it } from 'node:test'
import { StorageError } from '../../../src/core/errors.ts'
import { DiskFolder } from '../../../src/storage/disk-folder.ts'
import { DiskOperations } from '../../../src/storage/disk-operations.ts'
import type { DiskLane } from '../../../src/storage/disk-workers.ts'
import type { Job } from '../../../src/storage/jobs.ts'
import { STORAGE_LIMITS } from '../../../src/storage/limits.ts'
import { OpenFiles } from '../../../src/storage/open-files.ts'
import { sharedBytes } from '../../contract/storage/stored-torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

describe('a file that another took the place of', () => {
  it('is told apart from one that is gone, and counts as missing once', async () => {
    using folder = new TemporaryFolder()
    let now = 0
    const files = new OpenFiles({ now: () => now })
    const downloads = new DiskFolder(folder.path, laneOf(new DiskOperations(files)))
    await downloads.prepare([])
    const span = { path: 'a', offset: 0, length: 4 }
    await downloads.write([{ ...span, mayCreate: true }], [sharedBytes(4)])
    copyFileSync(folder.at('a'), folder.at('b'))
    renameSync(folder.at('b'), folder.at('a'))
    now += STORAGE_LIMITS.lookAgainAfter
    await assert.rejects(
      downloads.read([span], [sharedBytes(4)]),
      error => error instanceof StorageError && error.code === 'file-replaced',
    )
    assert.deepEqual(await downloads.look(['a']), [null])
    assert.equal((await downloads.look(['a']))[0]?.length, 4)
    await downloads.read([span], [sharedBytes(4)])
    files.closeAll()
  })

  it('after something was written is no place where a sync could find that', async () => {
    using folder = new TemporaryFolder()
    const files = new OpenFiles({ now: () => 0 })
    // A thread that syncs has files open of its own.
    const syncing = new OpenFiles({ now: () => 0 })
    const lane = laneOf(new DiskOperations(files), new DiskOperations(syncing))
    const downloads = new DiskFolder(folder.path, lane)
    await downloads.prepare([])
    const span = { path: 'a', offset: 0, length: 4, mayCreate: true }
    await downloads.write([span], [sharedBytes(4)])
    copyFileSync(folder.at('a'), folder.at('b'))
    renameSync(folder.at('b'), folder.at('a'))
    await assert.rejects(
      downloads.sync(),
      error => error instanceof StorageError && error.code === 'file-replaced',
    )
    files.closeAll()
    await downloads.write([span], [sharedBytes(4)])
    await downloads.sync()
    files.closeAll()
    syncing.closeAll()
  })
})

/** A lane whose jobs are done in this thread. */
function laneOf(data: DiskOperations, sync = data): DiskLane {
  return { data: poolOf(data), sync: poolOf(sync) } as unknown as DiskLane
}

function poolOf(disk: DiskOperations): { run(job: Job): Promise<unknown> } {
  return {
    run: async job => {
      const perform = disk[job.kind as 'read'] as (job: Job) => unknown
      return perform.call(disk, job)
    },
  }
}
