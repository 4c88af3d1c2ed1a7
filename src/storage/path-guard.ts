/**
 * Keeps every file call below its root. What a torrent names is safe already (metainfo's rules for paths); this is
 * about what lies on disk: a symbolic link below the root, put there by whomever, is never followed, neither for
 * writing nor for reading. The root itself is the user's choice and may be reached through links.
 */

import { lstatSync, mkdirSync, type Stats, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { StorageError } from '../core/errors.ts'
import { linkFault, notRegularFault } from './disk-fault.ts'
import type { Root } from './jobs.ts'

/** Names the folder itself: a disk that is mounted over it makes it another. Null where it is not there. */
export function rootIdentity(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found ? `${found.dev}:${found.ino}` : null
}

/** Throws `storage-unmounted` where the root is gone, or is not the folder it was when the torrent was prepared. */
export function checkRoot(root: Root): void {
  if (root.identity === null || rootIdentity(root.path) === root.identity) return
  throw unmountedFault(root.path)
}

export function unmountedFault(path: string): StorageError {
  return new StorageError(
    'storage-unmounted',
    `the folder ${path} is gone or is not the one it was: mount its disk again, or put it back`,
    { path },
  )
}

/** The full path of a file below the root. Throws `RangeError` for what could leave it, which is a bug elsewhere. */
export function pathBelow(root: string, path: string): string {
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..' || part.includes('\0') || part.includes(sep)) {
      throw new RangeError(`not a path below a folder: ${JSON.stringify(path)}`)
    }
  }
  return join(root, path)
}

/** What stands at a path, itself and not what it links to; null where there is nothing. */
export function lookAt(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null
}

/**
 * Walks from the root down to the folder that holds the file; false where one is missing. Throws `file-is-link` and
 * `file-not-regular`.
 */
export function checkFolders(root: string, path: string): boolean {
  return foldersAbove(root, path).every(isFolder)
}

/** The same, making what is missing. `made` hears of each folder that got a new entry. */
export function makeFolders(root: string, path: string, made: (folder: string) => void): void {
  let parent = root
  for (const folder of foldersAbove(root, path)) {
    if (!isFolder(folder)) {
      mkdirSync(folder)
      made(parent)
    }
    parent = folder
  }
}

function foldersAbove(root: string, path: string): string[] {
  const folders: string[] = []
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    folders.push(join(root, path.slice(0, at)))
  }
  return folders
}

function isFolder(path: string): boolean {
  const found = lookAt(path)
  if (found === null) return false
  if (found.isSymbolicLink()) throw linkFault(path)
  if (!found.isDirectory()) throw notRegularFault(path)
  return true
}
