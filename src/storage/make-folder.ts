import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { StorageError } from '../core/errors.ts'
import { diskFault } from './disk-fault.ts'

/**
 * Makes a folder and those above it that are missing; returns the first that it made, null where all were there. Throws
 * what the system says. Each folder is tried once: `mkdir` with `recursive` never ends where a file system has the
 * folder above and says `ENOENT` all the same, as `/proc` does.
 */
export function makeFolder(folder: string, mode = 0o777): string | null {
  const missing = missingFolders(resolve(folder))
  for (const path of missing) makeOne(path, mode)
  return missing[0] ?? null
}

/** The folders that got an entry when `first` and all from it down to `folder` were made: to last, they have to be synced. */
export function foldersWithNewEntries(folder: string, first: string | null): string[] {
  const changed: string[] = []
  if (first === null) return changed
  for (let made = resolve(folder); ; made = dirname(made)) {
    changed.push(dirname(made))
    if (made === first || dirname(made) === made) return changed
  }
}

/** The `StorageError` for what `makeFolder` threw. */
export function folderFault(thrown: unknown, folder: string): StorageError {
  const fault = diskFault(thrown, folder)
  if (fault.systemCode !== 'ENOENT') return fault
  return new StorageError(
    'folder-unusable',
    `${folder} cannot be made, the system takes no folders there: choose another`,
    { path: folder, systemCode: fault.systemCode, cause: thrown },
  )
}

/** Those that have to be made, from the top. */
function missingFolders(folder: string): string[] {
  const missing: string[] = []
  for (let at = folder; !isFolder(at); at = dirname(at)) {
    missing.unshift(at)
    if (dirname(at) === at) break
  }
  return missing
}

function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    // Somebody else may have made it just now.
    if (!isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
