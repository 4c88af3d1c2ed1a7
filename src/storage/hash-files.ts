import { availableParallelism } from 'node:os'
import { basename, dirname, resolve } from 'node:path'
import { StorageError } from '../core/errors.ts'
import type { FileHashes } from '../metainfo/file-hashes.ts'
import { fileHashesOf } from '../metainfo/file-hashes.ts'
import type { Plan } from '../metainfo/plan-torrent.ts'
import { DiskWorkers } from './disk-workers.ts'
import { FileStorage } from './file-storage.ts'
import { eachRun, type PieceRun, pieceRuns } from './piece-runs.ts'
import type { StoredTorrent } from './stored-torrent.ts'
import type { DigestKinds, FileState } from './torrent-storage.ts'
import { workerDigest } from './worker-digest.ts'

const SHA1_LENGTH = 20
const SHA256_LENGTH = 32

export interface HashOptions {
  readonly signal?: AbortSignal
  /** Bytes hashed, of bytes to hash. */
  readonly onProgress?: (done: number, total: number) => void
  /** Default: workers of its own, one a core, that end with the call. */
  readonly workers?: DiskWorkers
}

/** What `buildTorrent` needs. */
export interface HashedFiles {
  readonly v1: Uint8Array | null
  readonly v2: (FileHashes | null)[] | null
}

/**
 * Hashes the files of a plan as they lie on disk. `path` is what is published: the file itself, or the folder that
 * the plan's paths are below. Rejects with `file-changed` where a file is not as long as planned, or is written to in
 * the meantime, with `StorageError` where one cannot be read, and with the signal's reason.
 */
export function hashFiles(plan: Plan, path: string, options: HashOptions = {}): Promise<HashedFiles> {
  return withWorkers(options.workers, plan.geometry.contentLength, async workers => {
    const torrent = plannedTorrent(plan, resolve(path))
    const root = plan.isSingleFile ? dirname(resolve(path)) : resolve(path)
    const storage = await FileStorage.open({ torrent, root, workers })
    try {
      const before = await storage.inspect()
      checkLengths(torrent, before)
      const hashed = await hashPieces(plan, storage, options)
      checkSame(torrent, before, await storage.inspect())
      return hashed
    } finally {
      await storage.close()
    }
  })
}

/** Bytes from which it is worth while to start all threads at once. */
const MUCH = 256 * 1024 * 1024

/** Hashes so many bytes with disk workers: the ones given, or new ones that end with it. */
export async function withWorkers<T>(
  given: DiskWorkers | undefined,
  length: number,
  act: (workers: DiskWorkers) => Promise<T>,
): Promise<T> {
  if (given) return act(given)
  const workers = new DiskWorkers({ threads: availableParallelism(), startsAtOnce: length >= MUCH })
  try {
    return await act(workers)
  } finally {
    await workers.close()
  }
}

/** So that no thread waits for its next run, and one a core is started. */
export const RUNS_AT_ONCE = 4 * availableParallelism()

async function hashPieces(plan: Plan, storage: FileStorage, options: HashOptions): Promise<HashedFiles> {
  const { geometry } = plan
  const v1 = plan.format === 'v2' ? null : new Uint8Array(geometry.pieceCount * SHA1_LENGTH)
  const roots = plan.format === 'v1' ? null : new Uint8Array(geometry.pieceCount * SHA256_LENGTH)
  let done = 0
  const hashRun = async ({ first, end, length }: PieceRun): Promise<void> => {
    const pieces = Array.from({ length: end - first }, (_, at) => ({
      piece: first + at,
      kinds: kindsOf(plan, first + at),
    }))
    for (const [at, digest] of (await storage.digestRun(pieces)).entries()) {
      if (digest instanceof StorageError) throw digest
      if (digest.sha1) v1?.set(digest.sha1, (first + at) * SHA1_LENGTH)
      if (digest.merkleRoot) roots?.set(digest.merkleRoot, (first + at) * SHA256_LENGTH)
    }
    done += length
    options.onProgress?.(done, geometry.contentLength)
  }
  await eachRun(pieceRuns(geometry), { ...options, atOnce: RUNS_AT_ONCE }, hashRun)
  return { v1, v2: roots && fileHashesOf(geometry, roots, workerDigest) }
}

function kindsOf(plan: Plan, piece: number): DigestKinds {
  return { sha1: plan.format !== 'v2', merkle: plan.format === 'v1' ? null : plan.geometry.leavesOf(piece) }
}

function plannedTorrent(plan: Plan, path: string): StoredTorrent {
  const files = plan.files.map(file => ({
    path: plan.isSingleFile ? basename(path) : file.path.join('/'),
    length: file.length,
    isPad: file.isPad,
    isExecutable: file.isExecutable ?? false,
    isLink: Boolean(file.symlink),
  }))
  return { id: 'plan', files, geometry: plan.geometry }
}

function checkLengths({ files }: StoredTorrent, states: readonly FileState[]): void {
  for (const [index, { path, length, isPad, isLink }] of files.entries()) {
    if (!isPad && !isLink && states[index]?.length !== length) throw changedError(path)
  }
}

function checkSame(
  { files }: StoredTorrent,
  before: readonly FileState[],
  after: readonly FileState[],
): void {
  for (const [index, { path }] of files.entries()) {
    const [was, is] = [before[index], after[index]]
    if (was?.length !== is?.length || was?.mtimeNs !== is?.mtimeNs || was?.ino !== is?.ino)
      throw changedError(path)
  }
}

function changedError(path: string): StorageError {
  return new StorageError(
    'file-changed',
    `${path} changed while it was hashed: try again when nothing writes to it any more`,
    { path },
  )
}
