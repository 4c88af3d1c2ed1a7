/** What is to be published: every file at a path, as it stands. */

import type { Dirent, Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { StorageError, UsageError } from '../core/errors.ts'

export interface ListedFile {
  /** Relative to the folder; of a single file, its name. */
  readonly path: readonly string[]
  readonly length: number
  readonly isExecutable: boolean
  /** Milliseconds since 1970, with fractions. */
  readonly modified: number
}

export interface Listing {
  /** Of the file or the folder. */
  readonly name: string
  readonly isSingleFile: boolean
  readonly files: readonly ListedFile[]
  /** Sockets, devices and other things without bytes to publish. */
  readonly skipped: readonly string[]
}

/**
 * Links are followed, as mktorrent does, hidden files are taken, empty folders are left out. Throws `StorageError`
 * `publish-unreadable` and `UsageError` `publish-nothing`, `publish-link-circle`.
 */
export async function listFiles(path: string): Promise<Listing> {
  const root = resolve(path)
  const look = await lookAt(root)
  const name = basename(root)
  if (look.isFile()) {
    return { name, isSingleFile: true, files: [listedFile([name], look)], skipped: [] }
  }
  const walk: Walk = { files: [], skipped: [] }
  if (look.isDirectory()) await walkFolder(root, [], [], walk)
  else walk.skipped.push(root)
  if (walk.files.length === 0) {
    throw new UsageError('publish-nothing', `there is no file to publish in ${root}`)
  }
  return { name, isSingleFile: false, ...walk }
}

interface Walk {
  readonly files: ListedFile[]
  readonly skipped: string[]
}

async function walkFolder(
  folder: string,
  path: readonly string[],
  above: readonly string[],
  walk: Walk,
): Promise<void> {
  const real = await realpath(folder)
  if (above.includes(real)) {
    throw new UsageError(
      'publish-link-circle',
      `${folder} links to a folder that it is in; remove the link first`,
    )
  }
  for (const entry of await entriesOf(folder)) {
    const inner = join(folder, entry.name)
    const look = await lookAt(inner)
    if (look.isDirectory()) await walkFolder(inner, [...path, entry.name], [...above, real], walk)
    else if (look.isFile()) walk.files.push(listedFile([...path, entry.name], look))
    else walk.skipped.push(inner)
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
    return await stat(path)
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
