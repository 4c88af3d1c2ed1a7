import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { hasherOn } from './hash-workers.ts'
import { STORAGE_LIMITS } from './limits.ts'
import type { PieceHasher } from './torrent-storage.ts'
import { WorkerPool } from './worker-pool.ts'

/** The threads of one device, so that a disk that hangs delays only itself. */
export interface DiskLane {
  /** The first that was asked for: somewhere on the device. */
  readonly folder: string
  /** Reads, writes, checks. */
  readonly data: WorkerPool
  /** Syncs and small state files: what may take long never stands in the way of a read. */
  readonly sync: WorkerPool
  /** Hashes memory in the threads for data; null where threads of their own do it. */
  readonly hasher: PieceHasher | null
}

/** How the disks stand whose answers somebody waits for. */
export interface DiskNews {
  readonly isAnyWorking: boolean
  /** A folder of each disk that was given up just now. */
  readonly givenUp: readonly string[]
}

/** All disk threads of a process. Lanes are made as devices appear; their threads start with their first job, or sooner. */
export class DiskWorkers {
  readonly #threads: number
  readonly #hashesInLanes: boolean
  readonly #startsAtOnce: boolean
  /** Bounded by the machine's devices. Keyed by `st_dev`. */
  readonly #lanes = new Map<number, DiskLane>()
  /** Threads of the first lane, when there is none yet. */
  #spare: WorkerPool | null = null

  /**
   * `threads`: on each device, beside the one that syncs. `hashesInLanes`: pieces are hashed where they are written, as
   * by default on a machine with few cores: there another thread costs more than it brings. `startsAtOnce`: see `WorkerPool`.
   */
  constructor(options: { threads?: number; hashesInLanes?: boolean; startsAtOnce?: boolean } = {}) {
    this.#threads = options.threads ?? STORAGE_LIMITS.diskThreads
    this.#startsAtOnce = options.startsAtOnce ?? false
    this.#hashesInLanes = options.hashesInLanes ?? availableParallelism() <= STORAGE_LIMITS.fewCores
  }

  /** Starts a thread for the first lane, which takes 0.1 s of a processor: whoever asks first need not wait for that. */
  warmUp(): void {
    if (this.#lanes.size > 0 || this.#spare !== null) return
    this.#spare = this.#newPool()
    this.#spare.warmUp()
  }

  /** The lane of the device that holds the folder, or will when it is made. */
  async laneOf(folder: string): Promise<DiskLane> {
    const device = await deviceOf(resolve(folder))
    let lane = this.#lanes.get(device)
    if (lane === undefined) {
      const data = this.#spare ?? this.#newPool()
      this.#spare = null
      const hasher = this.#hashesInLanes ? hasherOn(data) : null
      lane = { folder, data, sync: new WorkerPool({ threads: 1 }), hasher }
      this.#lanes.set(device, lane)
    }
    return lane
  }

  /** Waits for what is under way, then ends all threads. */
  async close(): Promise<void> {
    const lanes = [...this.#lanes.values()]
    await Promise.all([
      this.#spare?.close(),
      ...lanes.flatMap(({ data, sync }) => [data.close(), sync.close()]),
    ])
  }

  /** Gives up the disks that have been silent for so many ms; see `WorkerPool.giveUpIfSilent`. */
  giveUpSilent(silence: number): DiskNews {
    let isAnyWorking = this.#spare?.giveUpIfSilent(silence) === 'working'
    const givenUp: string[] = []
    for (const { folder, data, sync } of this.#lanes.values()) {
      const news = [data.giveUpIfSilent(silence), sync.giveUpIfSilent(silence)]
      if (news.includes('given-up')) givenUp.push(folder)
      if (news.includes('working')) isAnyWorking = true
    }
    return { isAnyWorking, givenUp }
  }

  #newPool(): WorkerPool {
    return new WorkerPool({ threads: this.#threads, startsAtOnce: this.#startsAtOnce })
  }
}

/** The device of the nearest folder that exists; 0 where none can be looked at. */
async function deviceOf(folder: string): Promise<number> {
  try {
    return (await stat(folder)).dev
  } catch {
    const parent = dirname(folder)
    return parent === folder ? 0 : deviceOf(parent)
  }
}
