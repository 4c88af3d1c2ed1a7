import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { STORAGE_LIMITS } from './limits.ts'
import { WorkerPool } from './worker-pool.ts'

/** The threads of one device, so that a disk that hangs delays only itself. */
export interface DiskLane {
  /** Reads, writes, checks. */
  readonly data: WorkerPool
  /** Syncs and small state files: what may take long never stands in the way of a read. */
  readonly sync: WorkerPool
}

/** All disk threads of a process. Lanes are made as devices appear; their threads start with their first job. */
export class DiskWorkers {
  readonly #threads: number
  /** Bounded by the machine's devices. Keyed by `st_dev`. */
  readonly #lanes = new Map<number, DiskLane>()

  /** `threads`: on each device, beside the one that syncs. */
  constructor(options: { threads?: number } = {}) {
    this.#threads = options.threads ?? STORAGE_LIMITS.diskThreads
  }

  /** The lane of the device that holds the folder, or will when it is made. */
  async laneOf(folder: string): Promise<DiskLane> {
    const device = await deviceOf(resolve(folder))
    let lane = this.#lanes.get(device)
    if (lane === undefined) {
      lane = { data: new WorkerPool({ threads: this.#threads }), sync: new WorkerPool({ threads: 1 }) }
      this.#lanes.set(device, lane)
    }
    return lane
  }

  /** Waits for what is under way, then ends all threads. */
  async close(): Promise<void> {
    const lanes = [...this.#lanes.values()]
    await Promise.all(lanes.flatMap(({ data, sync }) => [data.close(), sync.close()]))
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
