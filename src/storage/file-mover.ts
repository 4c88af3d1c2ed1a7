import { StorageError } from '../core/errors.ts'
import type { DiskFolder } from './disk-folder.ts'
import type { DiskSpan, FileMove } from './jobs.ts'
import { STORAGE_LIMITS } from './limits.ts'
import type { Placed } from './place-file.ts'
import type { FileLook, MoveProgress } from './torrent-storage.ts'

/** A file to be moved. */
export interface MovingFile extends FileMove {
  readonly look: FileLook
  readonly isExecutable: boolean
}

interface MarkedFile extends MovingFile {
  /** Its hidden name. */
  readonly mark: string
}

/**
 * Has files lie elsewhere too, and then only there. On one disk they get a second name, to another they are copied, holes
 * left out; what is there already is never written over, and the old names go last.
 *
 * What is copied has a second, hidden name at both places while that goes on (`.ID.N.shoal-moving`). Where a kill came
 * between, it says which files are ours, and the next move goes on over them. On disks without hard links it cannot.
 */
export class FileMover {
  readonly #from: DiskFolder
  readonly #to: DiskFolder
  readonly #files: readonly MarkedFile[]
  /** What has its new name, to be taken back or to lose the old one. */
  readonly #placed: (MarkedFile & { readonly placed: Placed })[] = []
  readonly #copied: MarkedFile[] = []

  constructor(options: { from: DiskFolder; to: DiskFolder; files: readonly MovingFile[]; id: string }) {
    this.#from = options.from
    this.#to = options.to
    this.#files = options.files.map((file, at) => ({ ...file, mark: `.${options.id}.${at}.shoal-moving` }))
  }

  get #marks(): string[] {
    return this.#files.map(({ mark }) => mark)
  }

  /** Nothing that is there is changed. Where it rejects, `takeBack` is to be called. Not on the disk before a sync. */
  async bring(options: {
    signal?: AbortSignal
    onProgress?: (progress: MoveProgress) => void
  }): Promise<void> {
    await this.#to.prepare([])
    await this.#clearAttempt()
    const apart: MarkedFile[] = []
    for (const files of inRuns(this.#files)) {
      options.signal?.throwIfAborted()
      const { placed, fault } = await this.#to.place(this.#from, files, { canLose: false })
      for (const [at, what] of placed.entries()) {
        if (what === 'apart') apart.push(files[at]!)
        else this.#placed.push({ ...files[at]!, placed: what })
      }
      if (fault) throw fault
    }
    const total = apart.reduce((sum, { look }) => sum + look.length, 0)
    let moved = 0
    for (const file of apart) {
      await this.#copy(file, length => {
        options.signal?.throwIfAborted()
        moved += length
        options.onProgress?.({ moved, total })
      })
    }
    if (apart.length === 0) return
    await this.#to.sync()
    await this.#nameCopies(apart)
    // Not synced: a power cut may take these names, and with them what we know.
    const old = apart.map(({ from, mark }) => ({ from, to: mark }))
    for (const run of inRuns(old))
      await this.#from.place(this.#from, run, { canLose: false }).catch(() => undefined)
  }

  /** What an attempt that was killed left: its hidden names, and what has them too and is not what is moved. */
  async #clearAttempt(): Promise<void> {
    await this.#from.remove(this.#marks)
    const marked = new Set((await this.#to.look(this.#marks)).map(identityOf))
    marked.delete(null)
    if (marked.size === 0) return
    for (const { look } of this.#files) marked.delete(identityOf(look))
    const there = this.#files.map(({ to }) => to)
    const looks = await this.#to.look(there)
    await this.#to.remove(there.filter((_, at) => marked.has(identityOf(looks[at] ?? null))))
    await this.#to.remove(this.#marks)
  }

  /** As it was before, as far as the disks let it: what one step cannot do keeps none of the others. */
  async takeBack(): Promise<void> {
    const steps = [
      () => this.#from.remove(this.#marks),
      () => this.#to.takeBack(this.#from, this.#placed),
      () => this.#to.remove(this.#copied.map(({ to }) => to)),
      () => this.#to.remove(this.#marks),
      () => this.#to.tidy(this.#files.map(({ to }) => to)),
    ]
    for (const step of steps) await step().catch(() => undefined)
  }

  /** The old names go, as long as they are those of what was moved. Resolves to why some did not. */
  async leave(): Promise<StorageError[]> {
    const faults: StorageError[] = []
    const copied = new Set<MovingFile>(this.#copied)
    for (const file of [...this.#placed.filter(({ placed }) => placed === 'linked'), ...this.#copied]) {
      try {
        const [look = null] = await this.#from.look([file.from])
        if (identityOf(look) === identityOf(file.look)) {
          if (copied.has(file) && !isSameLook(look, file.look)) throw changedFault(file.from)
          await this.#from.remove([file.from])
        }
        if (copied.has(file)) await this.#from.remove([file.mark])
      } catch (error) {
        faults.push(error as StorageError)
      }
    }
    if (this.#copied.length > 0) await this.#to.remove(this.#marks).catch(() => undefined)
    await this.#from.tidy(this.#files.map(({ from }) => from)).catch(() => undefined)
    return faults
  }

  async #copy(file: MarkedFile, done: (length: number) => void): Promise<void> {
    const { from, isExecutable, mark: path } = file
    const { length } = file.look
    await this.#to.prepare([{ path, isEmpty: true, isExecutable }])
    for (let offset = 0; offset < length; ) {
      const parts = views(Math.min(length - offset, COPY_LENGTH))
      await this.#from.read([{ path: from, offset, length: lengthOf(parts) }], parts)
      const spans: (DiskSpan & { part: Uint8Array })[] = []
      for (const part of parts) {
        const end = offset + part.length
        // The last byte is written in any case: it makes the length.
        if (end === length || !isZero(part)) spans.push({ path, offset, length: part.length, part })
        offset = end
      }
      if (spans.length > 0) {
        await this.#to.write(
          spans.map(({ path, offset, length }) => ({ path, offset, length })),
          spans.map(({ part }) => part),
        )
      }
      done(lengthOf(parts))
    }
  }

  /** The copies are whole, and on the disk. */
  async #nameCopies(files: readonly MarkedFile[]): Promise<void> {
    const moves = files.map(({ mark, to }) => ({ from: mark, to }))
    let at = 0
    for (const run of inRuns(moves)) {
      const { placed, fault } = await this.#to.place(this.#to, run, { canLose: true })
      this.#copied.push(...files.slice(at, at + placed.length))
      at += run.length
      if (fault) throw fault
    }
  }
}

function identityOf(look: FileLook | null): string | null {
  return look && `${look.dev}:${look.ino}`
}

function isSameLook(look: FileLook | null, other: FileLook): boolean {
  return look !== null && look.length === other.length && look.mtimeNs === other.mtimeNs
}

function changedFault(path: string): StorageError {
  return new StorageError(
    'file-changed',
    `${path} was copied, and changed since: it is left where it is, to be looked at and removed`,
    { path },
  )
}

/** Smaller than what gets a number in each worker (`sharedMemory`), which would keep it. */
const PART_LENGTH = 128 * 1024
const COPY_LENGTH = 8 * PART_LENGTH
const ZEROS = Buffer.alloc(PART_LENGTH)

function views(length: number): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let left = length; left > 0; left -= PART_LENGTH)
    parts.push(new Uint8Array(new SharedArrayBuffer(Math.min(left, PART_LENGTH))))
  return parts
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

function isZero(part: Uint8Array): boolean {
  return ZEROS.compare(part, 0, part.length, 0, part.length) === 0
}

function* inRuns<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += STORAGE_LIMITS.filesInspected)
    yield items.slice(at, at + STORAGE_LIMITS.filesInspected)
}
