import { concatBytes } from '../core/bytes.ts'
import { STORAGE_LIMITS } from './limits.ts'
import type { StateFiles } from './state-files.ts'

export interface StateWriterOptions {
  readonly files: StateFiles
  readonly path: string
  /** All that is known now; what was appended before is part of it. */
  readonly snapshot: () => Uint8Array
  /** How long the file is as it stands; 0: it has to be written anew before anything is put behind it. */
  readonly length: number
}

interface Waiting {
  readonly fulfil: () => void
  readonly reject: (error: unknown) => void
  /** Until it is on the disk itself. */
  readonly mustSync: boolean
}

/**
 * Writes a log, one change at a time. Appends go out in order, as many at once as have gathered; the file is written
 * anew when it has grown long, and after a write that failed, which may have left half a record.
 */
export class StateWriter {
  readonly #files: StateFiles
  readonly #path: string
  readonly #snapshot: () => Uint8Array
  /** Bounded by what gathers during one write; a new snapshot has it all. */
  #pending: Uint8Array[] = []
  #waiting: Waiting[] = []
  #length: number
  #snapshotLength: number
  #mustWriteAnew: boolean
  #isSynced = true
  #isWriting = false

  constructor(options: StateWriterOptions) {
    this.#files = options.files
    this.#path = options.path
    this.#snapshot = options.snapshot
    this.#length = options.length
    this.#snapshotLength = options.length
    this.#mustWriteAnew = options.length === 0
  }

  /** Written soon. What fails is part of the next snapshot, which the next `append` or `flush` tries to write. */
  append(bytes: Uint8Array): void {
    this.#pending.push(bytes)
    void this.#write()
  }

  /** Settles when everything that was appended is on the disk itself. */
  flush(): Promise<void> {
    return new Promise((fulfil, reject) => {
      this.#waiting.push({ fulfil, reject, mustSync: true })
      void this.#write()
    })
  }

  /** Resolves when everything that was appended is where `kill -9` does not reach it, or was refused. */
  written(): Promise<void> {
    return new Promise(fulfil => {
      this.#waiting.push({ fulfil, reject: () => fulfil(), mustSync: false })
      void this.#write()
    })
  }

  /** `flush` for the last time: a log that could be much shorter is written anew, since it would take long to read. */
  async finish(): Promise<void> {
    await this.flush()
    if (this.#length <= STORAGE_LIMITS.journalAtEnd) return
    const { length } = this.#snapshot()
    if (this.#length < length + Math.max(length, STORAGE_LIMITS.journalAtEnd)) return
    this.#mustWriteAnew = true
    await this.flush()
  }

  /** Never rejects: those who wait are told. */
  async #write(): Promise<void> {
    if (this.#isWriting) return
    this.#isWriting = true
    await Promise.resolve() // What else is appended in this turn goes along.
    let hasFailed = false
    while (this.#waiting.length > 0 || (this.#isUnfinished && !hasFailed)) {
      const waiting = this.#waiting.splice(0)
      try {
        await this.#writeOnce(waiting.some(({ mustSync }) => mustSync))
        for (const { fulfil } of waiting) fulfil()
      } catch (error) {
        hasFailed = true
        this.#mustWriteAnew = true
        for (const { reject } of waiting) reject(error)
      }
    }
    this.#isWriting = false
  }

  get #isUnfinished(): boolean {
    return this.#pending.length > 0 || this.#isLong
  }

  get #isLong(): boolean {
    return this.#length - this.#snapshotLength > Math.max(STORAGE_LIMITS.journal, this.#snapshotLength)
  }

  async #writeOnce(mustSync: boolean): Promise<void> {
    const pending = this.#pending
    this.#pending = []
    if (this.#mustWriteAnew || this.#isLong) {
      const bytes = this.#snapshot()
      await this.#files.replace(this.#path, bytes)
      this.#mustWriteAnew = false
      this.#length = bytes.length
      this.#snapshotLength = bytes.length
      this.#isSynced = true
    } else if (pending.length > 0 || (mustSync && !this.#isSynced)) {
      const bytes = concatBytes(pending)
      this.#isSynced = false
      await this.#files.append(this.#path, bytes, { isSynced: mustSync })
      this.#length += bytes.length
      this.#isSynced = mustSync
    }
  }
}
