/** The folder of `shoal up`: each file or folder directly in it is a torrent of its own. */

import { createHash } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BitTorrentError, StorageError } from '../core/errors.ts'
import { makeFolder } from '../storage/make-folder.ts'
import { type Listing, listFiles } from './list-files.ts'

export interface SharedEntry {
  /** Its name in the folder. */
  readonly name: string
  readonly path: string
  /** Changes with any file's name, length or time of change in it. */
  readonly fingerprint: string
}

export interface SharedFolderLook {
  readonly entries: readonly SharedEntry[]
  /** What cannot be published, and why. */
  readonly faults: readonly BitTorrentError[]
}

const SAMPLE_NAME = 'welcome-to-shoal.txt'
const SAMPLE = `Welcome to shoal.

This file is published: it has a torrent, a place on the page, a tracker that knows
it, and a seed. Put any file or folder beside it and let shoal look again, and the
same happens to it. Remove this one whenever you like.
`

/** Makes the folder where it is missing, with a sample in it; true where it did. */
export async function prepareSharedFolder(folder: string): Promise<boolean> {
  try {
    if (makeFolder(folder) === null) return false
    await writeFile(join(folder, SAMPLE_NAME), SAMPLE, { flag: 'wx' })
    return true
  } catch (error) {
    const systemCode = (error as NodeJS.ErrnoException).code ?? 'unknown'
    const why =
      systemCode === 'EEXIST' || systemCode === 'ENOTDIR'
        ? 'it is not a folder'
        : `the system says ${systemCode}`
    throw new StorageError(
      'share-unusable',
      `${folder} cannot be shared: ${why}; choose another with --dir`,
      {
        path: folder,
        systemCode,
        cause: error,
      },
    )
  }
}

/** Hidden files and folders (a dot in front) are left alone. What cannot be published keeps nothing else from it. */
export async function lookIntoSharedFolder(folder: string): Promise<SharedFolderLook> {
  const names = (await readdir(folder)).filter(name => !name.startsWith('.')).sort()
  const entries: SharedEntry[] = []
  const faults: BitTorrentError[] = []
  for (const name of names) {
    const path = join(folder, name)
    try {
      entries.push({ name, path, fingerprint: fingerprintOf(await listFiles(path)) })
    } catch (error) {
      if (!(error instanceof BitTorrentError)) throw error
      faults.push(error)
    }
  }
  return { entries, faults }
}

/** What tells whether the torrent that was made of these files still fits them. */
export function fingerprintOf({ name, isSingleFile, files }: Listing): string {
  const facts = files
    .map(file =>
      JSON.stringify([
        file.path,
        file.length,
        file.modified,
        file.isExecutable,
        // Nothing at all for a file: fingerprints that are known stay as they are.
        ...(file.symlink ? [file.symlink] : []),
      ]),
    )
    .sort()
  return createHash('sha256')
    .update(JSON.stringify([name, isSingleFile, facts]))
    .digest('hex')
}
