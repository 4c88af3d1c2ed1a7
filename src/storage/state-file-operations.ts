/** Small whole files, with synchronous calls: what workers do for `WorkerStateFiles`. */

import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { diskFault } from './disk-fault.ts'
import { syncEntries, syncFolder } from './disk-operations.ts'
import type { JobOf } from './jobs.ts'
import { foldersWithNewEntries, makeFolder } from './make-folder.ts'

/** State is nobody else's business. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

export function readStateFile({ path }: JobOf<'state-read'>): Uint8Array | null {
  return at(path, () => {
    try {
      return Uint8Array.from(readFileSync(path))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  })
}

/** Aside, synced, renamed, the folder synced: a crash at any moment leaves the old content or the new. */
export function replaceStateFile({ path, bytes }: JobOf<'state-replace'>): null {
  const aside = `${path}.new`
  return at(path, () => {
    const folder = dirname(path)
    syncEntries(foldersWithNewEntries(folder, makeFolder(folder, FOLDER_MODE)))
    try {
      writeSynced(aside, bytes)
      renameSync(aside, path)
    } catch (error) {
      rmSync(aside, { force: true }) // On a full disk it would take what room there is.
      throw error
    }
    syncFolder(folder)
    return null
  })
}

/** An append that fails is undone, so that half of it takes no room. */
export function appendStateFile({ path, bytes, isSynced }: JobOf<'state-append'>): null {
  return at(path, () => {
    const fd = openSync(path, 'a', FILE_MODE)
    try {
      const { size } = fstatSync(fd)
      try {
        writeFileSync(fd, bytes)
        if (isSynced) fdatasyncSync(fd)
      } catch (error) {
        ftruncateSync(fd, size)
        throw error
      }
    } finally {
      closeSync(fd)
    }
    return null
  })
}

/** A file or a whole folder; it need not be there. */
export function removeStateFile({ path }: JobOf<'state-remove'>): null {
  return at(path, () => {
    rmSync(path, { recursive: true, force: true })
    return null
  })
}

/** Names in a folder; none where it is not there. */
export function listStateFolder({ folder }: JobOf<'state-list'>): string[] {
  return at(folder, () => {
    try {
      return readdirSync(folder).sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  })
}

function writeSynced(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, 'w', FILE_MODE)
  try {
    writeFileSync(fd, bytes)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function at<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw diskFault(error, path)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
