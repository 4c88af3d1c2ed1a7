import { stat } from 'node:fs/promises'
import { StorageError } from '../core/errors.ts'

/** Rejects where there is no such folder: content is to be in it already, and a mistyped name makes none. */
export async function requireFolder(folder: string): Promise<void> {
  const why = await whyUnusable(folder)
  if (why === null) return
  throw new StorageError(
    'folder-missing',
    `the folder ${folder} cannot be used: ${why}; name the one that the content is in with --dir`,
    { path: folder },
  )
}

async function whyUnusable(folder: string): Promise<string | null> {
  try {
    return (await stat(folder)).isDirectory() ? null : 'it is not a folder'
  } catch (error) {
    const systemCode = (error as NodeJS.ErrnoException).code ?? 'unknown'
    const why: Record<string, string> = {
      ENOENT: 'there is no such folder',
      ENOTDIR: 'a part of its path is not a folder',
      EACCES: 'a folder on the way to it may not be entered',
    }
    return why[systemCode] ?? `the system says ${systemCode}`
  }
}
