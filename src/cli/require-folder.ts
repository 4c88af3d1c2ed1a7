import { stat } from 'node:fs/promises'
import { StorageError } from '../core/errors.ts'

/** Rejects where there is no such folder: content is to be in it already, and a mistyped name makes none. */
export async function requireFolder(folder: string): Promise<void> {
  const look = await stat(folder).catch(() => null)
  if (look?.isDirectory()) return
  const why = look === null ? 'there is no such folder' : 'it is not a folder'
  throw new StorageError(
    'folder-missing',
    `${folder} cannot be looked into: ${why}; name the right one with --dir`,
    { path: folder },
  )
}
