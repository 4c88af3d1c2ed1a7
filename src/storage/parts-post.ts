/**
 * Parts on their way to a worker. A view on shared memory costs about 10 µs to clone, fifteen of them more than the
 * read they are for; so each stretch of shared memory is introduced to a worker once, and from then on its parts
 * travel as three numbers.
 */

import type { Job } from './jobs.ts'
import { STORAGE_LIMITS } from './limits.ts'

/** For each part: which memory, from where, how long. */
type PackedParts = readonly number[]

export type PackedJob = { readonly job: Job; readonly packed: PackedParts | null }

export interface Batch {
  /** Memories that the worker has not seen, numbered on from those that it has. */
  readonly memories: readonly SharedArrayBuffer[]
  readonly jobs: readonly PackedJob[]
}

/** The sending side, one a worker. */
export class PartsPacker {
  /** Bounded by `sharedMemories`; parts of others go as they are. */
  readonly #known = new Map<ArrayBufferLike, number>()

  pack(jobs: readonly Job[]): Batch {
    const memories: SharedArrayBuffer[] = []
    return { jobs: jobs.map(job => this.#packJob(job, memories)), memories }
  }

  #packJob(job: Job, memories: SharedArrayBuffer[]): PackedJob {
    if (!('parts' in job)) return { job, packed: null }
    const packed: number[] = []
    for (const part of job.parts) {
      const memory = this.#numberOf(part.buffer, memories)
      if (memory < 0) return { job, packed: null }
      packed.push(memory, part.byteOffset, part.length)
    }
    return { job: { ...job, parts: [] }, packed }
  }

  #numberOf(buffer: ArrayBufferLike, memories: SharedArrayBuffer[]): number {
    const known = this.#known.get(buffer)
    if (known !== undefined) return known
    const isWorthIt = buffer.byteLength >= STORAGE_LIMITS.sharedMemory
    if (!isWorthIt || this.#known.size >= STORAGE_LIMITS.sharedMemories) return -1
    if (!(buffer instanceof SharedArrayBuffer)) return -1
    const number = this.#known.size
    this.#known.set(buffer, number)
    memories.push(buffer)
    return number
  }
}

/** The receiving side. */
export class PartsUnpacker {
  /** Bounded by the sender's bound. */
  readonly #memories: SharedArrayBuffer[] = []

  unpack(batch: Batch): Job[] {
    this.#memories.push(...batch.memories)
    return batch.jobs.map(({ job, packed }) =>
      packed ? ({ ...job, parts: this.#views(packed) } as Job) : job,
    )
  }

  #views(packed: PackedParts): Uint8Array[] {
    const views: Uint8Array[] = []
    for (let i = 0; i < packed.length; i += 3) {
      views.push(new Uint8Array(this.#memories[packed[i]!]!, packed[i + 1]!, packed[i + 2]!))
    }
    return views
  }
}
