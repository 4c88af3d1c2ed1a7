/** What is to be published: every file at a path, as it stands. */

import type { Dirent, Stats } from 'node:fs'
import { lstat, readdir, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { StorageError } from '../core/errors.ts'

export interface ListedFile {
  /** Relative to the folder; of a single file, its name. */
  readonly path: readonly string[]
  readonly length: number
  readonly isExecutable: boolean
  /** Milliseconds since 1970, with fractions. */
  readonly modified: number
}

export interface Listing {
  /** The real path of the file or folder. */
  readonly root: string
  /** Of the file or the folder. */
  readonly name: string
  readonly isSingleFile: boolean
  readonly files: readonly ListedFile[]
  /** Links, sockets, devices and the like. */
  readonly skipped: readonly string[]
}

/**
 * Everything in the folder, hidden files included; empty folders are left out, and so are links, which would have the
 * torrent serve what lies elsewhere. Only `path` itself may be a link. Throws `StorageError` `publish-unreadable`
 * and `publish-nothing`.
 */
export async function listFiles(path: string): Promise<Listing> {
  const root = await rootOf(path)
  const look = await lookAt(root)
  const name = basename(root)
  if (look.isFile()) {
    return { root, name, isSingleFile: true, files: [listedFile([name], look)], skipped: [] }
  }
  const walk: Walk = { files: [], skipped: [] }
  if (look.isDirectory()) await walkFolder(root, [], walk)
  if (walk.files.length === 0) {
    throw new StorageError('publish-nothing', `there is no file to publish in ${root}`, { path: root })
  }
  return { root, name, isSingleFile: false, ...walk }
}

interface Walk {
  readonly files: ListedFile[]
  readonly skipped: string[]
}

async function walkFolder(folder: string, path: readonly string[], walk: Walk): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    const inner = join(folder, entry.name)
    if (entry.isDirectory()) await walkFolder(inner, [...path, entry.name], walk)
    else if (entry.isFile()) walk.files.push(listedFile([...path, entry.name], await lookAt(inner)))
    else walk.skipped.push(inner)
  }
}

async function rootOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function listedFile(path: readonly string[], look: Stats): ListedFile {
  const isExecutable = (look.mode & 0o100) !== 0 && process.platform !== 'win32'
  return { path, length: look.size, isExecutable, modified: look.mtimeMs }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    throw unreadable(folder, error)
  }
}

async function lookAt(path: string): Promise<Stats> {
  try {
    return await lstat(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): StorageError {
  const systemCode = (error as NodeJS.ErrnoException).code ?? 'unknown'
  const why =
    systemCode === 'ENOENT'
      ? 'there is no such file or folder'
      : systemCode === 'EACCES'
        ? 'it may not be read'
        : `the system says ${systemCode}`
  return new StorageError('publish-unreadable', `${path} cannot be published: ${why}`, {
    path,
    systemCode,
    cause: error,
  })
}
