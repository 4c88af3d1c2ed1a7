/** A thread that does storage jobs one after the other; started by `WorkerPool`, ended by it. */

import { parentPort } from 'node:worker_threads'
import { diskFault, packFault } from './disk-fault.ts'
import { DiskOperations } from './disk-operations.ts'
import type { Answer, Job } from './jobs.ts'
import { type Batch, PartsUnpacker } from './parts-post.ts'
import { PieceDigester } from './piece-digester.ts'
import { placeFiles, takeFilesBack, tidyFolders } from './place-operations.ts'
import {
  appendStateFile,
  listStateFolder,
  readStateFile,
  removeStateFile,
  replaceStateFile,
} from './state-file-operations.ts'

const disk = new DiskOperations()

/** Does one job, in whatever thread calls it. Throws what the system says, and `StorageError`s. */
export function performStorageJob(job: Job): unknown {
  switch (job.kind) {
    case 'hash': {
      const digester = new PieceDigester(job.kinds, job.contentLength)
      for (const part of job.parts) digester.update(part)
      return digester.finish()
    }
    case 'write':
      return disk.write(job)
    case 'read':
      return disk.read(job)
    case 'digest':
      return disk.digest(job)
    case 'inspect':
      return disk.inspect(job)
    case 'disk':
      return disk.disk(job)
    case 'prepare':
      return disk.prepare(job)
    case 'sync':
      return disk.sync(job)
    case 'remove':
      return disk.remove(job)
    case 'place':
      return placeFiles(job)
    case 'take-back':
      return takeFilesBack(job)
    case 'tidy':
      return tidyFolders(job)
    case 'forget':
      return disk.forget(job)
    case 'state-read':
      return readStateFile(job)
    case 'state-replace':
      return replaceStateFile(job)
    case 'state-append':
      return appendStateFile(job)
    case 'state-remove':
      return removeStateFile(job)
    case 'state-list':
      return listStateFolder(job)
  }
}

function answer(job: Job): Answer {
  try {
    return { isDone: true, result: performStorageJob(job) }
  } catch (error) {
    return { isDone: false, fault: packFault(diskFault(error, `(${job.kind})`)) }
  }
}

const parts = new PartsUnpacker()

parentPort?.on('message', (batch: Batch) => parentPort?.postMessage(parts.unpack(batch).map(answer)))
