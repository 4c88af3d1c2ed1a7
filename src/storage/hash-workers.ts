import { availableParallelism } from 'node:os'
import { STORAGE_LIMITS } from './limits.ts'
import { requireShared } from './shared-parts.ts'
import type { DigestKinds, PieceDigest, PieceHasher } from './torrent-storage.ts'
import { WorkerPool } from './worker-pool.ts'

/** Hashes pieces in threads of their own: nothing here ever waits for a disk. */
export class HashWorkers implements PieceHasher {
  readonly #pool: WorkerPool

  /** `threads`: default one a core but for the one that receives, up to a bound. */
  constructor(options: { threads?: number } = {}) {
    const spareCores = Math.max(1, availableParallelism() - 1)
    const threads = options.threads ?? Math.min(spareCores, STORAGE_LIMITS.hashThreads)
    this.#pool = new WorkerPool({ threads, waitingWork: STORAGE_LIMITS.waitingHashes })
  }

  digest(parts: readonly Uint8Array[], contentLength: number, kinds: DigestKinds): Promise<PieceDigest> {
    return hasherOn(this.#pool).digest(parts, contentLength, kinds)
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}

/** Hashes pieces in the threads of a pool, between its other jobs. */
export function hasherOn(pool: WorkerPool): PieceHasher {
  return {
    digest: (parts, contentLength, kinds) => {
      requireShared(parts)
      return pool.run<'hash'>({ kind: 'hash', parts, contentLength, kinds })
    },
  }
}
