/** What is to be published: every file at a path, as it stands. */

import type { Dirent, Stats } from 'node:fs'
import { lstat, readdir, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { StorageError } from '../core/errors.ts'
import { placeableLinks } from '../metainfo/placeable-links.ts'
import { linkTarget } from './link-target.ts'

export interface ListedFile {
  /** Relative to the folder; of a single file, its name. */
  readonly path: readonly string[]
  readonly length: number
  readonly isExecutable: boolean
  /** Milliseconds since 1970, with fractions. */
  readonly modified: number
  /** Of a link: what it points to, from the folder. Its length is 0. */
  readonly symlink?: readonly string[]
}

export interface SkippedEntry {
  readonly path: string
  /** "it is …" */
  readonly why: string
}

export interface Listing {
  /** The real path of the file or folder. */
  readonly root: string
  /** Of the file or the folder. */
  readonly name: string
  readonly isSingleFile: boolean
  readonly files: readonly ListedFile[]
  /** Links that lead elsewhere, sockets, devices and the like. */
  readonly skipped: readonly SkippedEntry[]
}

/**
 * Everything in the folder, hidden files included; empty folders are left out. A link is kept as a link (BEP 47) where
 * it leads to something else in the folder; what lies elsewhere is never served. `path` itself may be a link. Throws
 * `StorageError` `publish-unreadable` and `publish-nothing`.
 */
export async function listFiles(path: string): Promise<Listing> {
  const root = await rootOf(path)
  const look = await lookAt(root)
  const name = basename(root)
  if (look.isFile()) {
    return { root, name, isSingleFile: true, files: [listedFile([name], look)], skipped: [] }
  }
  const walk: Walk = { files: [], links: [], skipped: [] }
  if (look.isDirectory()) await walkFolder(root, [], walk)
  if (walk.files.length === 0) {
    throw new StorageError('publish-nothing', `there is no file to publish in ${root}`, { path: root })
  }
  const { links, skipped } = await sortLinks(root, walk.files, walk.links)
  return {
    root,
    name,
    isSingleFile: false,
    files: [...walk.files, ...links],
    skipped: [...walk.skipped, ...skipped],
  }
}

interface Walk {
  readonly files: ListedFile[]
  /** Below the root. */
  readonly links: (readonly string[])[]
  readonly skipped: SkippedEntry[]
}

async function walkFolder(folder: string, path: readonly string[], walk: Walk): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    const inner = join(folder, entry.name)
    if (entry.isDirectory()) await walkFolder(inner, [...path, entry.name], walk)
    else if (entry.isFile()) walk.files.push(listedFile([...path, entry.name], await lookAt(inner)))
    else if (entry.isSymbolicLink()) walk.links.push([...path, entry.name])
    else walk.skipped.push({ path: inner, why: 'it is neither file nor folder' })
  }
}

/** Those that a torrent can keep, and those that it cannot. */
async function sortLinks(
  root: string,
  files: readonly ListedFile[],
  links: readonly (readonly string[])[],
): Promise<{ links: ListedFile[]; skipped: SkippedEntry[] }> {
  const skipped: SkippedEntry[] = []
  const candidates: ListedFile[] = []
  for (const path of links) {
    const full = join(root, ...path)
    const found = await linkTarget(root, full)
    if ('why' in found) skipped.push({ path: full, why: found.why })
    else {
      const { mtimeMs } = await lookAt(full)
      candidates.push({ path, length: 0, isExecutable: false, modified: mtimeMs, symlink: found.target })
    }
  }
  const entries = [...files, ...candidates].map(({ path, symlink }) => ({
    path: path.join('/'),
    target: symlink?.join('/') ?? null,
  }))
  const kept = new Set(placeableLinks(entries).map(index => index - files.length))
  for (const [index, { path }] of candidates.entries()) {
    const why = 'it is a link to a folder that it lies in, or to what is left out too'
    if (!kept.has(index)) skipped.push({ path: join(root, ...path), why })
  }
  return { links: candidates.filter((_, index) => kept.has(index)), skipped }
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
      ? 'there is no such file or folder; check the path'
      : systemCode === 'EACCES'
        ? 'it may not be read; look at its permissions'
        : `the system says ${systemCode}`
  return new StorageError('publish-unreadable', `${path} cannot be published: ${why}`, {
    path,
    systemCode,
    cause: error,
  })
}
