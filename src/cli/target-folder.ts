/** `--dir` of a download. */

import { StorageError } from '../core/errors.ts'
import { makeFolder } from '../storage/make-folder.ts'

/**
 * Sees to it before anything else that the folder is there. Throws `StorageError` `folder-unusable` in one clear line,
 * where a session would wait for the disk to get better.
 */
export async function prepareTargetFolder(folder: string): Promise<void> {
  try {
    makeFolder(folder)
  } catch (error) {
    const systemCode = (error as NodeJS.ErrnoException).code ?? 'unknown'
    const why: Record<string, string> = {
      EEXIST: 'it is not a folder',
      ENOTDIR: 'a part of the path is not a folder',
      EACCES: 'its parent folder may not be written to',
      EROFS: 'the disk is read-only',
      ENOENT: 'the system takes no folders there',
      ENOSPC: 'the disk is full',
    }
    throw new StorageError(
      'folder-unusable',
      `nothing can be put into ${folder}: ${why[systemCode] ?? `the system says ${systemCode}`}; choose another with --dir`,
      { path: folder, systemCode, cause: error },
    )
  }
}
