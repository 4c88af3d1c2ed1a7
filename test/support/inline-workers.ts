import type { Dice } from '../../src/core/ports.ts'
import { diskFault, packFault, unpackFault } from '../../src/storage/disk-fault.ts'
import type { DiskWorkers } from '../../src/storage/disk-workers.ts'
import type { Job } from '../../src/storage/jobs.ts'
import { performStorageJob } from '../../src/storage/storage-worker.ts'

/**
 * Disk workers whose jobs are done in this thread, so that a test sees each of their file calls. Those for data and those
 * for syncs and state take turns as the dice fall, as threads would.
 */
export function inlineWorkers(dice: Dice): DiskWorkers {
  const scheduler = new Scheduler(dice)
  const lane = { data: new InlinePool(scheduler), sync: new InlinePool(scheduler), hasher: null }
  const workers = { laneOf: async () => lane, close: async () => undefined }
  return workers as unknown as DiskWorkers
}

class InlinePool {
  readonly #scheduler: Scheduler
  readonly #queue: (() => void)[] = []

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  run(job: Job): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#queue.push(() => {
        try {
          resolve(performStorageJob(job))
        } catch (error) {
          reject(unpackFault(packFault(diskFault(error, job.kind))))
        }
      })
      this.#scheduler.isWanted(this.#queue)
    })
  }

  async runEverywhere(job: Job): Promise<void> {
    await this.run(job)
  }
}

/** One job a turn, of whichever queue. */
class Scheduler {
  readonly #dice: Dice
  readonly #waiting: (() => void)[][] = []

  constructor(dice: Dice) {
    this.#dice = dice
  }

  isWanted(queue: (() => void)[]): void {
    this.#waiting.push(queue)
    setImmediate(() => {
      const [next] = this.#waiting.splice(this.#dice.below(this.#waiting.length), 1)
      next?.shift()?.()
    })
  }
}
