import { defineLimits } from '../core/limits.ts'

export const STORAGE_LIMITS = defineLimits('storage', {
  openFiles: [
    64,
    'entries',
    'files that one disk worker keeps open; the one used longest ago is closed first',
  ],
  lookAgainAfter: [
    1000,
    'ms',
    'an open file is looked up by name again, to notice that it was deleted or replaced',
  ],
  jobsInBatch: [16, 'entries', 'jobs that go to a worker in one message'],
  batchesInWorker: [
    2,
    'entries',
    'messages a worker may have waiting, so that it never idles while more is queued',
  ],
  sharedMemories: [
    256,
    'entries',
    'stretches of shared memory a worker knows by number: a gigabyte of extents',
  ],
  waitingHashes: [
    4 * 1024 * 1024,
    'bytes',
    'to hash that wait while all threads have their fill before another (12 MiB of memory) is started',
  ],
  waitingDisk: [
    32 * 1024 * 1024,
    'bytes',
    'to read or write (1 MiB at least for each job) that wait before another thread is started: more than one torrent lets settle, as two that write one file hinder each other',
  ],
  sharedMemory: [256 * 1024, 'bytes', 'the least that gets a number: smaller ones come and go'],
  hashThreads: [
    4,
    'entries',
    'threads that hash pieces in memory; where there are fewer cores, one less than cores',
  ],
  fewCores: [
    2,
    'entries',
    'cores with which pieces are hashed by the threads that write them: each thread less saves 85 ms and 14 MiB',
  ],
  diskThreads: [2, 'entries', 'threads that read and write on one device, beside the one that syncs'],
  chunk: [
    256 * 1024,
    'bytes',
    'read from disk at once when pieces are hashed there: stays in a core’s cache',
  ],
  digestRun: [8 * 1024 * 1024, 'bytes', 'content hashed from disk by one job when many pieces are'],
  filesInspected: [1000, 'entries', 'files looked at by one job'],
  commitAfter: [5000, 'ms', 'data that was written is synced at the latest after this'],
  commitBytes: [64 * 1024 * 1024, 'bytes', 'data that was written is synced when so much has gathered'],
  countersAfter: [60_000, 'ms', 'upload and download counters are saved at the latest after this'],
  journal: [
    256 * 1024,
    'bytes',
    'a resume log that grew by this, and to twice its snapshot, is written anew',
  ],
  journalAtEnd: [
    4096,
    'bytes',
    'by so much, and to half, a resume log has to become shorter to be written anew when its torrent leaves or rests',
  ],
})
