/**
 * The records of all swarms in shared memory, found by info-hash. The heads of the chains are laid out for a full store
 * from the start (memory that is never touched costs nothing), so nothing is ever rehashed. Chains belong to shards,
 * and whoever looks at a shard's chains holds its lock.
 */

import { readU32 } from '../core/bytes.ts'
import { CHUNK_LENGTH, CHUNK_RECORD_WORDS, ChunkHeap } from './chunk-heap.ts'
import { mix } from './peer-key.ts'
import { enterLock, leaveLock } from './shared-lock.ts'
import { GROWTH_STEP, SharedMemory } from './shared-memory.ts'

/** Words at the start of the memory: what a thread must know to join. */
const LIMIT = 0
const BUCKET_BITS = 1
const SEED = 2
const FLAGS = 3
const CURSOR = 4
const KEEPS_PEER_IDS = 1
/** The heap's state ends before the shards begin. */
const HEAP_STATE_AT = 16

const SHARD_BITS = 8
export const SHARDS = 1 << SHARD_BITS
/** A shard's line of the cache: its lock, its counts, its place in the search for swarms to give up. */
const SHARD_WORDS = 16
export const SHARD_SWARMS = 1
export const SHARD_SEEDS = 2
export const SHARD_LEECHES = 3
const SHARD_CURSOR = 4
const SHARDS_AT = 256

/** Words of a swarm's record. */
const HASH = 0
const HASH_WORDS = 5
const NEXT = 5
export const DOWNLOADED = 6
export const SWARM_FLAGS = 7
export const PARTIAL_SEEDS = 8
export const LISTS = 10
const RECORD_LENGTH = 72
/** Somebody came back, or there were two: not one of the made-up hashes of a flood. */
export const IS_PROVEN = 1

/** Heads for one chain every so many bytes: about one swarm each when the memory is full. */
const BYTES_A_HEAD = 128

export interface SwarmMemoryOptions {
  /** Bytes for swarms and peers, 1 MiB to 2 GiB. */
  readonly memoryLimit: number
  readonly keepsPeerIds: boolean
  /** A secret of 32 bits that keeps strangers from choosing where in memory they land. */
  readonly seed: number
}

export class SwarmTable {
  readonly memory: SharedMemory
  readonly heap: ChunkHeap
  readonly seed: number
  readonly memoryLimit: number
  readonly keepsPeerIds: boolean
  readonly #bucketBits: number
  readonly #headsAt: number
  readonly #locks: Int32Array
  readonly #hash = new Uint32Array(HASH_WORDS)
  #bucket = 0

  /** Lays out new memory. */
  static create(options: SwarmMemoryOptions): SwarmTable {
    const layout = layoutOf(options.memoryLimit)
    const start = Math.ceil(layout.chunksAt / GROWTH_STEP) * GROWTH_STEP
    const chunkBytes = Math.ceil((layout.maxChunks * CHUNK_LENGTH) / GROWTH_STEP) * GROWTH_STEP
    const memory = SharedMemory.allocate(start, start + chunkBytes)
    memory.words[LIMIT] = options.memoryLimit
    memory.words[BUCKET_BITS] = layout.bucketBits
    memory.words[SEED] = options.seed
    memory.words[FLAGS] = options.keepsPeerIds ? KEEPS_PEER_IDS : 0
    return new SwarmTable(memory)
  }

  /** Joins memory that another thread laid out. */
  constructor(memory: SharedMemory) {
    this.memory = memory
    this.memoryLimit = memory.words[LIMIT]!
    this.seed = memory.words[SEED]!
    this.keepsPeerIds = (memory.words[FLAGS]! & KEEPS_PEER_IDS) !== 0
    this.#bucketBits = memory.words[BUCKET_BITS]!
    this.#locks = new Int32Array(memory.buffer, SHARDS_AT * 4, SHARDS * SHARD_WORDS)
    const layout = layoutOf(this.memoryLimit)
    this.#headsAt = layout.headsAt
    this.heap = new ChunkHeap(memory, layout)
  }

  get bucketCount(): number {
    return 2 ** this.#bucketBits
  }

  /** Aims `find` and `insert` at a swarm, and tells its shard. */
  aim(infoHash: Uint8Array): number {
    let hash = this.seed
    for (let i = 0; i < HASH_WORDS; i++) {
      this.#hash[i] = readU32(infoHash, 4 * i)
      hash = mix(hash ^ this.#hash[i]!)
    }
    this.#bucket = hash >>> (32 - this.#bucketBits)
    return this.shardOf(this.#bucket)
  }

  shardOf(bucket: number): number {
    return bucket >>> (this.#bucketBits - SHARD_BITS)
  }

  enter(shard: number): void {
    enterLock(this.#locks, shard * SHARD_WORDS)
    this.memory.see()
  }

  leave(shard: number): void {
    leaveLock(this.#locks, shard * SHARD_WORDS)
  }

  /** Word index of a shard's `SHARD_…` words. */
  shardAt(shard: number): number {
    return SHARDS_AT + shard * SHARD_WORDS
  }

  /** Word index of the swarm's record, or 0. */
  find(): number {
    const { words } = this.memory
    let unit = words[this.#headsAt + this.#bucket]!
    while (unit !== 0 && !this.#isAimedAt(unit * 2)) unit = words[unit * 2 + NEXT]!
    return unit * 2
  }

  /** A new, empty record for a swarm that is not there; 0 where memory is at its limit. */
  insert(): number {
    const unit = this.heap.lend(RECORD_LENGTH)
    if (unit === 0) return 0
    const { words } = this.memory
    const record = unit * 2
    words.fill(0, record, record + RECORD_LENGTH / 4)
    words.set(this.#hash, record + HASH)
    words[record + NEXT] = words[this.#headsAt + this.#bucket]!
    words[this.#headsAt + this.#bucket] = unit
    const shard = this.shardAt(this.shardOf(this.#bucket))
    words[shard + SHARD_SWARMS] = words[shard + SHARD_SWARMS]! + 1
    return record
  }

  /** Visits a bucket's records; those for which `keep` says false are taken out (their lists must be empty). */
  filter(bucket: number, keep: (record: number) => boolean): void {
    const { words } = this.memory
    let link = this.#headsAt + bucket
    for (let unit = words[link]!; unit !== 0; unit = words[link]!) {
      if (keep(unit * 2)) {
        link = unit * 2 + NEXT
        continue
      }
      words[link] = words[unit * 2 + NEXT]!
      this.heap.giveBack(unit, RECORD_LENGTH)
      const shard = this.shardAt(this.shardOf(bucket))
      words[shard + SHARD_SWARMS] = words[shard + SHARD_SWARMS]! - 1
    }
  }

  /** The first of the next `count` buckets to sweep; threads that sweep at the same time get different ones. */
  takeTurn(count: number): number {
    return Atomics.add(this.memory.words, CURSOR, count) & (this.bucketCount - 1)
  }

  /** The next bucket of the shard in the search for swarms to give up. */
  nextToEvict(shard: number): number {
    const { words } = this.memory
    const at = this.shardAt(shard) + SHARD_CURSOR
    words[at] = words[at]! + 1
    const bits = this.#bucketBits - SHARD_BITS
    return (shard << bits) + (words[at]! & (2 ** bits - 1))
  }

  #isAimedAt(record: number): boolean {
    const { words } = this.memory
    for (let i = 0; i < HASH_WORDS; i++) if (words[record + HASH + i] !== this.#hash[i]) return false
    return true
  }
}

interface Layout {
  readonly bucketBits: number
  readonly headsAt: number
  readonly stateAt: number
  readonly recordsAt: number
  readonly chunksAt: number
  readonly maxChunks: number
}

function layoutOf(memoryLimit: number): Layout {
  const bucketBits = Math.max(SHARD_BITS + 4, Math.ceil(Math.log2(memoryLimit / BYTES_A_HEAD)))
  const maxChunks = Math.floor(memoryLimit / CHUNK_LENGTH)
  const headsAt = SHARDS_AT + SHARDS * SHARD_WORDS
  const recordsAt = headsAt + 2 ** bucketBits
  const chunksAt = Math.ceil(((recordsAt + maxChunks * CHUNK_RECORD_WORDS) * 4) / CHUNK_LENGTH) * CHUNK_LENGTH
  return { bucketBits, headsAt, stateAt: HEAP_STATE_AT, recordsAt, chunksAt, maxChunks }
}
