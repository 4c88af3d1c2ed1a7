import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { StorageError } from '../core/errors.ts'
import { linkFault, notRegularFault } from './disk-fault.ts'
import type { Root } from './jobs.ts'
import { STORAGE_LIMITS } from './limits.ts'
import { checkFolders, checkRoot, lookAt, makeFolders, pathBelow } from './path-guard.ts'

/** Where it exists (not on Windows), the system itself refuses a link as the last part of a path. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

export interface OpenOptions {
  readonly canWrite: boolean
  readonly mayCreate?: boolean
  readonly isExecutable?: boolean
  /** An open file is looked up by name at once, and not only from time to time. */
  readonly isLookedUp?: boolean
}

interface OpenFile {
  readonly fd: number
  readonly path: string
  readonly canWrite: boolean
  /** Of its root when it was opened. */
  readonly rootIdentity: string | null
  readonly dev: number
  readonly ino: number
  lookedAt: number
}

/** The files that one worker keeps open; bounded by `openFiles`, the one used longest ago goes first. */
export class OpenFiles {
  readonly #limit: number
  readonly #now: () => number
  /** Keyed by full path, the one used last at the end. */
  readonly #files = new Map<string, OpenFile>()
  readonly #made = new Set<string>()

  /** `now`: monotonic milliseconds. */
  constructor(options: { limit?: number; now?: () => number } = {}) {
    this.#limit = options.limit ?? STORAGE_LIMITS.openFiles
    this.#now = options.now ?? (() => performance.now())
  }

  /** A descriptor that stays open until the next call. Throws what `diskFault` knows, or a `StorageError`. */
  open(root: Root, path: string, options: OpenOptions): number {
    const full = pathBelow(root.path, path)
    const known = this.#files.get(full)
    if (
      known &&
      this.#isStillThere(root, known, options.isLookedUp ?? false) &&
      (known.canWrite || !options.canWrite)
    ) {
      this.#files.delete(full)
      this.#files.set(full, known)
      return known.fd
    }
    if (known) this.#close(known)
    const file = this.#openWithRoom(root, path, full, options)
    this.#files.set(full, file)
    return file.fd
  }

  /** Names the file that `open` just gave: another one of the same name is another (`dev:ino`). */
  identityOf(root: Root, path: string): string | null {
    const file = this.#files.get(pathBelow(root.path, path))
    return file ? `${file.dev}:${file.ino}` : null
  }

  /** Makes the folders above a file, without the file. */
  makeFolders(root: Root, path: string): void {
    makeFolders(root.path, path, folder => this.#made.add(folder))
  }

  /** Folders that got new entries since this was last asked. */
  takeMade(): string[] {
    const made = [...this.#made]
    this.#made.clear()
    return made
  }

  /** Closes those of these files that are open. */
  forget(root: string, paths: readonly string[]): void {
    if (this.#files.size === 0) return
    for (const path of paths) {
      const file = this.#files.get(pathBelow(root, path))
      if (file) this.#close(file)
    }
  }

  closeAll(): void {
    for (const file of [...this.#files.values()]) this.#close(file)
  }

  #openWithRoom(root: Root, path: string, full: string, options: OpenOptions): OpenFile {
    if (this.#files.size >= this.#limit) this.#closeOldest()
    try {
      return this.#openNow(root, path, full, options)
    } catch (error) {
      if (!isTooManyFiles(error) || this.#files.size === 0) throw error
      this.closeAll()
      return this.#openNow(root, path, full, options)
    }
  }

  #openNow(root: Root, path: string, full: string, options: OpenOptions): OpenFile {
    checkRoot(root)
    const mayCreate = options.canWrite && options.mayCreate === true
    if (mayCreate) this.makeFolders(root, path)
    else checkFolders(root.path, path)
    // Looked at first: merely opening a pipe or a device can block or do things.
    const found = lookAt(full)
    if (found?.isSymbolicLink()) throw linkFault(full)
    if (found && !found.isFile()) throw notRegularFault(full)
    const access = options.canWrite ? constants.O_RDWR : constants.O_RDONLY
    const create = mayCreate ? constants.O_CREAT : 0
    const fd = openSync(full, access | create | NO_FOLLOW, options.isExecutable ? 0o777 : 0o666)
    if (found === null && mayCreate) this.#made.add(dirname(full))
    const { dev, ino } = fstatSync(fd)
    const rootIdentity = root.identity
    return { fd, path: full, canWrite: options.canWrite, rootIdentity, dev, ino, lookedAt: this.#now() }
  }

  /**
   * From time to time an open file is looked up by its name. Where another has taken its place, or none, what is
   * written would go nowhere: that is a fault, once; what is asked next opens what is there then. False where the
   * root is another, as of a disk that was mounted again.
   */
  #isStillThere(root: Root, file: OpenFile, isLookedUp: boolean): boolean {
    if (file.rootIdentity !== root.identity) return false
    const now = this.#now()
    if (!isLookedUp && now - file.lookedAt < STORAGE_LIMITS.lookAgainAfter) return true
    const found = lookAt(file.path)
    if (found === null || found.ino !== file.ino || found.dev !== file.dev) {
      this.#close(file)
      checkRoot(root)
      throw found ? replacedFault(file.path) : vanishedFault(file.path)
    }
    file.lookedAt = now
    return true
  }

  #closeOldest(): void {
    const [oldest] = this.#files.values()
    if (oldest) this.#close(oldest)
  }

  #close(file: OpenFile): void {
    this.#files.delete(file.path)
    closeSync(file.fd)
  }
}

function vanishedFault(path: string): StorageError {
  return new StorageError('file-missing', `${path} was moved or deleted while it was in use`, { path })
}

export function replacedFault(path: string): StorageError {
  return new StorageError('file-replaced', `${path} was replaced by another file while it was in use`, {
    path,
  })
}

function isTooManyFiles(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')
}
