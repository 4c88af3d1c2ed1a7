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
})

/** A lane whose jobs are done in this thread. */
function laneOf(disk: DiskOperations): DiskLane {
  const pool = {
    run: async (job: Job) => {
      const perform = disk[job.kind as 'read'] as (job: Job) => unknown
      return perform.call(disk, job)
    },
  }
  return { data: pool, sync: pool } as unknown as DiskLane
}
