import type { DiskWorkers } from './disk-workers.ts'
import type { StateFiles } from './state-files.ts'
import type { WorkerPool } from './worker-pool.ts'

/** State files through the thread that syncs on their device: the main thread makes no file call. */
export class WorkerStateFiles implements StateFiles {
  readonly #pool: WorkerPool

  private constructor(pool: WorkerPool) {
    this.#pool = pool
  }

  /** `folder`: somewhere on the device where the files will be. */
  static async open(workers: DiskWorkers, folder: string): Promise<WorkerStateFiles> {
    return new WorkerStateFiles((await workers.laneOf(folder)).sync)
  }

  read(path: string): Promise<Uint8Array | null> {
    return this.#pool.run<'state-read'>({ kind: 'state-read', path })
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    await this.#pool.run<'state-replace'>({ kind: 'state-replace', path, bytes })
  }

  async append(path: string, bytes: Uint8Array, options: { isSynced?: boolean } = {}): Promise<void> {
    const isSynced = options.isSynced ?? false
    await this.#pool.run<'state-append'>({ kind: 'state-append', path, bytes, isSynced })
  }

  async remove(path: string): Promise<void> {
    await this.#pool.run<'state-remove'>({ kind: 'state-remove', path })
  }

  list(folder: string): Promise<string[]> {
    return this.#pool.run<'state-list'>({ kind: 'state-list', folder })
  }
}
