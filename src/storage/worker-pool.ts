import type { Worker } from 'node:worker_threads'
import { StorageError } from '../core/errors.ts'
import { unpackFault } from './disk-fault.ts'
import { type Answer, type Job, type JobKind, type JobOf, type Result, workOf } from './jobs.ts'
import { STORAGE_LIMITS } from './limits.ts'
import { PartsPacker } from './parts-post.ts'
import { startWorker } from './start-worker.ts'

interface Waiting {
  readonly job: Job
  /** As `workOf` counts it. */
  readonly work: number
  readonly fulfil: (result: unknown) => void
  readonly reject: (error: StorageError) => void
}

interface Thread {
  readonly worker: Worker
  readonly packer: PartsPacker
  /** The batches it has, oldest first. */
  readonly batches: Waiting[][]
  /** It has answered: what waits does not wait for its start. */
  hasStarted: boolean
}

/**
 * A few threads that do jobs in the order they were asked for. A thread is started only when those that run have
 * more than enough to do, several waiting jobs travel in one message, and a pool without work does not keep the process alive.
 */
export class WorkerPool {
  readonly #threads: Thread[] = []
  readonly #limit: number
  readonly #waitingWork: number
  readonly #startsAtOnce: boolean
  /** Of all jobs that are in no batch yet. */
  #queuedWork = 0
  #isDispatchDue = false
  /** Of the last answer, or of the first job after a time without any; monotonic ms. */
  #heardAt = 0
  /** Bounded by what the callers have under way: extents, uploads and checks each have a bound of their own. */
  readonly #urgent: Waiting[] = []
  readonly #patient: Waiting[] = []
  /** What is asked of it is refused so; null while it is open. */
  #refusal: (() => StorageError) | null = null
  #idle: (() => void)[] = []

  /**
   * `waitingWork`: bytes that wait before another thread is started, as `workOf` counts them. `startsAtOnce`: all threads
   * start with the first job, for work that is known to be much.
   */
  constructor(options: { threads: number; waitingWork?: number; startsAtOnce?: boolean }) {
    this.#limit = options.threads
    this.#waitingWork = options.waitingWork ?? STORAGE_LIMITS.waitingDisk
    this.#startsAtOnce = options.startsAtOnce ?? false
  }

  /** Starts a thread now, and not with the first job. */
  warmUp(): void {
    if (!this.#refusal && this.#threads.length === 0) this.#start()
  }

  /** `isPatient`: lets every job pass that is not. Rejects with what the job met, `storage-closed` or `disk-hangs`. */
  run<K extends JobKind>(job: JobOf<K>, options: { isPatient?: boolean } = {}): Promise<Result<K>> {
    if (this.#refusal) return Promise.reject(this.#refusal())
    return new Promise<Result<K>>((fulfil, reject) => {
      const work = workOf(job)
      if (!this.#isBusy) this.#heardAt = performance.now()
      const waiting: Waiting = { job, work, fulfil: fulfil as (result: unknown) => void, reject }
      ;(options.isPatient ? this.#patient : this.#urgent).push(waiting)
      this.#queuedWork += work
      this.#dispatchSoon()
    })
  }

  /** Gives the job to every thread that runs. */
  async runEverywhere(job: Job): Promise<void> {
    if (this.#refusal) return
    if (!this.#isBusy) this.#heardAt = performance.now()
    const done = this.#threads.map(
      thread =>
        new Promise<unknown>((fulfil, reject) => {
          this.#send(thread, [{ job, work: 0, fulfil, reject }])
        }),
    )
    await Promise.all(done)
  }

  /** Ends the threads once they have done what they were asked to. */
  async close(): Promise<void> {
    this.#refusal ??= closedError
    if (this.#isBusy) await new Promise<void>(fulfil => this.#idle.push(fulfil))
    await Promise.all(this.#threads.splice(0).map(thread => thread.worker.terminate()))
  }

  /**
   * For an end that must not wait for ever. Where nothing came of its work for `silence` ms, the pool is given up: all that was
   * asked of it is rejected with `disk-hangs`, and its threads end when the system lets them. Until then they keep the
   * process alive, which ends by a signal and in no other way: Node waits for its threads at every exit.
   */
  giveUpIfSilent(silence: number): 'idle' | 'working' | 'given-up' {
    if (!this.#isBusy) return 'idle'
    if (performance.now() - this.#heardAt < silence) return 'working'
    this.#refusal = hangingError
    const threads = this.#threads.splice(0)
    const unanswered = [...threads.flatMap(({ batches }) => batches.splice(0).flat()), ...this.#takeQueued()]
    for (const { worker } of threads) void worker.terminate()
    for (const waiting of unanswered) waiting.reject(hangingError())
    for (const idle of this.#idle.splice(0)) idle()
    return 'given-up'
  }

  #takeQueued(): Waiting[] {
    this.#queuedWork = 0
    return [...this.#urgent.splice(0), ...this.#patient.splice(0)]
  }

  get #isBusy(): boolean {
    return this.#queued > 0 || this.#threads.some(thread => thread.batches.length > 0)
  }

  get #queued(): number {
    return this.#urgent.length + this.#patient.length
  }

  /** A message wakes a thread, which costs more than most of what is in it: jobs of one turn go together. */
  #dispatchSoon(): void {
    if (this.#isDispatchDue) return
    this.#isDispatchDue = true
    queueMicrotask(() => {
      this.#isDispatchDue = false
      this.#dispatch()
    })
  }

  #dispatch(): void {
    while (this.#queued > 0) {
      const thread = this.#readiest()
      if (thread === null) return
      this.#send(thread, this.#nextBatch())
    }
  }

  /** The thread with the least to do; a new one where all have their fill; null where none may be started. */
  #readiest(): Thread | null {
    let best: Thread | null = null
    for (const thread of this.#threads) {
      if (thread.batches.length >= STORAGE_LIMITS.batchesInWorker) continue
      if (best === null || thread.batches.length < best.batches.length) best = thread
    }
    if (best !== null) return best
    return this.#isAnotherWorthIt() ? this.#start() : null
  }

  #isAnotherWorthIt(): boolean {
    if (this.#threads.length === 0) {
      // All but the one that the caller starts.
      if (this.#startsAtOnce) for (let more = 1; more < this.#limit; more++) this.#start()
      return true
    }
    if (this.#threads.length >= this.#limit || !this.#threads.every(thread => thread.hasStarted)) return false
    return this.#queuedWork >= this.#waitingWork
  }

  #nextBatch(): Waiting[] {
    const share = Math.ceil(this.#queued / this.#threads.length)
    const size = Math.min(share, STORAGE_LIMITS.jobsInBatch)
    const batch = this.#urgent.length > 0 ? this.#urgent.splice(0, size) : this.#patient.splice(0, 1)
    for (const { work } of batch) this.#queuedWork -= work
    return batch
  }

  #send(thread: Thread, batch: Waiting[]): void {
    if (thread.batches.length === 0) thread.worker.ref()
    thread.batches.push(batch)
    try {
      thread.worker.postMessage(thread.packer.pack(batch.map(waiting => waiting.job)))
    } catch (error) {
      thread.batches.pop()
      for (const waiting of batch) waiting.reject(failedError(error))
      this.#rest(thread)
    }
  }

  #start(): Thread {
    const thread: Thread = {
      worker: startWorker('storage-worker'),
      packer: new PartsPacker(),
      batches: [],
      hasStarted: false,
    }
    thread.worker.on('message', (answers: Answer[]) => this.#answered(thread, answers))
    thread.worker.on('error', error => this.#lost(thread, error))
    thread.worker.on('exit', () => this.#lost(thread, null))
    thread.worker.unref()
    this.#threads.push(thread)
    return thread
  }

  #answered(thread: Thread, answers: readonly Answer[]): void {
    // One that was given up, and is let go by the system at last.
    if (!this.#threads.includes(thread)) return
    const batch = thread.batches.shift() ?? []
    thread.hasStarted = true
    this.#heardAt = performance.now()
    this.#dispatch()
    for (const [index, waiting] of batch.entries()) {
      const answer = answers[index]
      if (answer === undefined) waiting.reject(failedError(null))
      else if (answer.isDone) waiting.fulfil(answer.result)
      else waiting.reject(unpackFault(answer.fault))
    }
    this.#rest(thread)
  }

  /** A thread that ended without being asked to: what it had is rejected, and the next job starts another. */
  #lost(thread: Thread, cause: unknown): void {
    const at = this.#threads.indexOf(thread)
    if (at < 0) return
    this.#threads.splice(at, 1)
    for (const waiting of thread.batches.splice(0).flat()) waiting.reject(failedError(cause))
    this.#dispatch()
    this.#rest(thread)
  }

  #rest(thread: Thread): void {
    if (thread.batches.length === 0) thread.worker.unref()
    if (!this.#isBusy) for (const idle of this.#idle.splice(0)) idle()
  }
}

function closedError(): StorageError {
  return new StorageError('storage-closed', 'the storage was closed while something was asked of it')
}

function hangingError(): StorageError {
  return new StorageError('disk-hangs', 'a disk did not answer, and is not waited for any longer')
}

function failedError(cause: unknown): StorageError {
  return new StorageError('storage-worker-failed', `a storage worker ended unexpectedly: ${String(cause)}`, {
    cause,
  })
}
