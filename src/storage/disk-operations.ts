/** What disk workers do, with synchronous calls. Runs in a worker; tests may call it anywhere. */

import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  readvSync,
  unlinkSync,
  writevSync,
} from 'node:fs'
import { StorageError } from '../core/errors.ts'
import type { PieceDigest } from '../swarm/piece-verdict.ts'
import { diskFault, packFault, type PortableFault } from './disk-fault.ts'
import type { ChangedFile, DiskPiece, DiskSpan, JobOf, PlannedFile, Result, Root } from './jobs.ts'
import { STORAGE_LIMITS } from './limits.ts'
import { lookAtDisk } from './disk-look.ts'
import type { PlannedLink } from './link-plan.ts'
import { folderFault, foldersWithNewEntries, makeFolder } from './make-folder.ts'
import { makeLink } from './make-link.ts'
import { OpenFiles, replacedFault } from './open-files.ts'
import { checkFolders, checkRoot, lookAt, pathBelow, rootIdentity } from './path-guard.ts'
import { PieceDigester } from './piece-digester.ts'
import { PartsCursor } from './shared-parts.ts'
import type { DiskLook, FileLook, FileState } from './torrent-storage.ts'

/** Elsewhere a file that may only be read can be synced too: others may have written it just now. */
const SYNC_NEEDS_WRITING = process.platform === 'win32'

/** One file: below its root, and in full. */
interface Place {
  readonly root: Root
  readonly path: string
  readonly full: string
}

export class DiskOperations {
  readonly #files: OpenFiles
  /** Memory of this worker's own, for hashing from disk. */
  #chunk: Uint8Array | null = null

  constructor(files: OpenFiles = new OpenFiles()) {
    this.#files = files
  }

  write({ root, spans, parts }: JobOf<'write'>): Result<'write'> {
    const cursor = new PartsCursor(parts)
    const wroteTo = spans.map(span => {
      const views = cursor.take(span.length)
      if (span.path === null) return null
      this.#at(root, span.path, file => this.#writeSpan(file, span, views))
      return this.#files.identityOf(root, span.path)
    })
    return { made: this.#files.takeMade(), wroteTo }
  }

  read({ root, spans, parts }: JobOf<'read'>): Result<'read'> {
    const cursor = new PartsCursor(parts)
    const changed: ChangedFile[] = []
    for (const span of spans) {
      const views = cursor.take(span.length)
      if (span.path === null) for (const view of views) view.fill(0)
      else
        this.#at(root, span.path, file => {
          const look = this.#readSpan(file, span, views)
          if (look) changed.push({ path: file.path, look })
        })
    }
    return changed
  }

  digest({ root, pieces }: JobOf<'digest'>): (PieceDigest | PortableFault)[] {
    return pieces.map(piece => {
      try {
        return this.#digestPiece(root, piece)
      } catch (error) {
        if (error instanceof StorageError) return packFault(error)
        throw error
      }
    })
  }

  inspect({ root, paths }: JobOf<'inspect'>): Result<'inspect'> {
    return { identity: rootIdentity(root), states: paths.map(path => fileState(pathBelow(root, path))) }
  }

  disk({ root }: JobOf<'disk'>): DiskLook {
    return lookAtDisk(root)
  }

  prepare({ root, files, links }: JobOf<'prepare'>): Result<'prepare'> {
    checkRoot(root)
    const { path } = root
    const made = new Set<string>()
    try {
      // At once: who comes next, should this end here, cannot know that it was made just now.
      syncEntries(foldersWithNewEntries(path, makeFolder(path)))
    } catch (error) {
      throw folderFault(error, path)
    }
    const identity = rootIdentity(path)
    if (identity === null)
      throw new StorageError('file-missing', `the folder ${path} cannot be made`, { path })
    for (const file of files) this.#prepareFile({ path, identity }, file)
    for (const folder of this.#files.takeMade()) made.add(folder)
    const linkFaults = makeLinks(path, links, folder => made.add(folder))
    return { identity, made: [...made], linkFaults }
  }

  sync({ root, files, folders }: JobOf<'sync'>): null {
    checkRoot(root)
    for (const { path, identity } of files) {
      this.#at(root, path, ({ full }) => {
        const fd = this.#files.open(root, path, { canWrite: SYNC_NEEDS_WRITING })
        if (identity !== null && this.#files.identityOf(root, path) !== identity) throw replacedFault(full)
        fdatasyncSync(fd)
      })
    }
    for (const folder of folders) syncFolder(folder)
    return null
  }

  remove({ root, paths, onlyLinks }: JobOf<'remove'>): null {
    checkRoot(root)
    for (const path of paths) {
      this.#at(root, path, ({ full }) => {
        const found = checkFolders(root.path, path) ? lookAt(full) : null
        if (found && (found.isSymbolicLink() || !onlyLinks)) unlinkSync(full)
      })
    }
    return null
  }

  forget({ root, paths }: JobOf<'forget'>): null {
    this.#files.forget(root, paths)
    return null
  }

  #prepareFile(root: Root, { path, isEmpty, isExecutable }: PlannedFile): void {
    this.#at(root, path, ({ full }) => {
      if (!isEmpty) return this.#files.makeFolders(root, path)
      // One that is there is not opened for writing: its disk may be read-only.
      if (checkFolders(root.path, path) && lookAt(full)?.isFile()) return
      this.#files.open(root, path, { canWrite: true, mayCreate: true, isExecutable })
    })
  }

  #writeSpan({ root, path, full }: Place, span: DiskSpan, views: Uint8Array[]): void {
    const { mayCreate = false, isExecutable = false } = span
    const fd = this.#files.open(root, path, { canWrite: true, mayCreate, isExecutable })
    const length = transfer(views, span.offset, (rest, offset) => writevSync(fd, rest, offset))
    if (length === span.length) return
    throw new StorageError('storage-io-failed', `${full} took ${length} bytes instead of ${span.length}`, {
      path: full,
    })
  }

  /** Returns what the file looks like where that is not what was expected. Looked at last: so the bytes are from before. */
  #readSpan({ root, path, full }: Place, span: DiskSpan, views: Uint8Array[]): FileLook | null {
    const fd = this.#files.open(root, path, { canWrite: false })
    const length = transfer(views, span.offset, (rest, offset) => readvSync(fd, rest, offset))
    if (length < span.length) throw truncatedFault(full, span.offset + length)
    if (!span.look) return null
    const { size, mtimeNs, ino, dev } = fstatSync(fd, { bigint: true })
    if (Number(size) === span.look.length && mtimeNs === span.look.mtimeNs) return null
    return { length: Number(size), mtimeNs, ino, dev }
  }

  #digestPiece(root: Root, piece: DiskPiece): PieceDigest {
    const digester = new PieceDigester(piece.kinds, piece.contentLength)
    for (const span of piece.spans) {
      if (span.path === null) digestZeros(digester, span.length)
      else this.#at(root, span.path, file => this.#digestSpan(file, span, digester))
    }
    return digester.finish()
  }

  #digestSpan({ root, path, full }: Place, span: DiskSpan, digester: PieceDigester): void {
    this.#chunk ??= new Uint8Array(STORAGE_LIMITS.chunk)
    // What is judged is what lies under the name: a file that was deleted would be read to its end, and be good.
    const fd = this.#files.open(root, path, { canWrite: false, isLookedUp: true })
    let done = 0
    while (done < span.length) {
      const wanted = Math.min(this.#chunk.length, span.length - done)
      const length = readSync(fd, this.#chunk, 0, wanted, span.offset + done)
      if (length === 0) throw truncatedFault(full, span.offset + done)
      digester.update(this.#chunk.subarray(0, length))
      done += length
    }
  }

  /** Gives every fault the name of the file it happened at. */
  #at(root: Root, path: string, act: (file: Place) => void): void {
    const full = pathBelow(root.path, path)
    try {
      act({ root, path, full })
    } catch (error) {
      throw diskFault(error, full)
    }
  }
}

/** Repeats a vectored call until all is done or nothing more comes: a call may do less than it was asked. */
function transfer(
  views: Uint8Array[],
  offset: number,
  call: (views: Uint8Array[], offset: number) => number,
): number {
  let rest = views
  let done = 0
  while (rest.length > 0) {
    const length = call(rest, offset + done)
    if (length === 0) break
    done += length
    rest = behind(rest, length)
  }
  return done
}

function behind(views: readonly Uint8Array[], length: number): Uint8Array[] {
  let skipped = 0
  for (const [index, view] of views.entries()) {
    if (skipped + view.length > length) return [view.subarray(length - skipped), ...views.slice(index + 1)]
    skipped += view.length
  }
  return []
}

const ZEROS = new Uint8Array(64 * 1024)

function digestZeros(digester: PieceDigester, length: number): void {
  for (let left = length; left > 0; left -= ZEROS.length) digester.update(ZEROS.subarray(0, left))
}

/** A link that cannot be made, as on a disk or system without links, spoils nothing else. */
function makeLinks(
  root: string,
  links: readonly PlannedLink[],
  made: (folder: string) => void,
): PortableFault[] {
  const texts = new Map(links.map(({ path, text }) => [path, text]))
  const faults: PortableFault[] = []
  for (const link of links) {
    try {
      makeLink(link, { root, texts, made })
    } catch (error) {
      faults.push(packFault(diskFault(error, pathBelow(root, link.path))))
    }
  }
  return faults
}

function fileState(path: string): FileState {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (!found?.isFile()) return null
  return { length: Number(found.size), mtimeNs: found.mtimeNs, ino: found.ino, dev: found.dev }
}

/** Makes a folder's new entries durable. Windows has no such thing, and needs none. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  try {
    const fd = openSync(folder, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw diskFault(error, folder)
  }
}

/** The same for folders that need not be ours: one that we may not read is none that we could sync. */
export function syncEntries(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      syncFolder(folder)
    } catch (error) {
      if (!(error instanceof StorageError && error.code === 'storage-denied')) throw error
    }
  }
}

function truncatedFault(path: string, length: number): StorageError {
  return new StorageError(
    'file-truncated',
    `${path} ends after ${length} bytes, before what should be there`,
    { path },
  )
}
