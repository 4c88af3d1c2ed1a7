import { join } from 'node:path'
import { utf8Bytes, utf8Text } from '../core/bytes.ts'
import { StorageError } from '../core/errors.ts'
import type { StateFiles } from './state-files.ts'

/** Of the folder's layout: which files there are and what is in them. The resume logs have a version of their own. */
export const STATE_VERSION = 1

/** Brings a folder from one version to the next. May be cut off at any moment and is then done again from its start. */
export type Migration = (folder: string, files: StateFiles) => Promise<void>

/** By the version that each starts from. */
const MIGRATIONS: ReadonlyMap<number, Migration> = new Map()

export interface VersionOptions {
  readonly current?: number
  readonly migrations?: ReadonlyMap<number, Migration>
}

/**
 * Makes the folder's layout the present one. Rejects with `state-newer` where a newer shoal wrote it and with
 * `state-damaged` where the version cannot be read; nothing is touched then.
 */
export async function bringUpToDate(
  folder: string,
  files: StateFiles,
  options: VersionOptions = {},
): Promise<void> {
  const { current = STATE_VERSION, migrations = MIGRATIONS } = options
  const path = join(folder, 'version')
  const found = await readVersion(path, folder, files)
  if (found === null) return writeVersion(path, current, files)
  if (found > current) {
    throw new StorageError(
      'state-newer',
      `the state folder ${folder} was written by a newer shoal (format ${found}, this one knows ${current}): ` +
        'use that one, or name another folder with --state',
      { path: folder },
    )
  }
  for (let version = found; version < current; version++) {
    const migrate = migrations.get(version)
    if (migrate === undefined)
      throw damagedError(folder, `no way leads from its format ${version} to ${current}`)
    await migrate(folder, files)
    await writeVersion(path, version + 1, files)
  }
}

/** Null for a folder that is new. */
async function readVersion(path: string, folder: string, files: StateFiles): Promise<number | null> {
  const bytes = await files.read(path)
  if (bytes === null) {
    const names = await files.list(folder)
    if (!names.includes('torrents')) return null
    throw damagedError(folder, 'it has torrents but no file "version"')
  }
  const text = utf8Text(bytes).trim()
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw damagedError(folder, `its file "version" says "${text.slice(0, 40)}"`)
  return Number(text)
}

function writeVersion(path: string, version: number, files: StateFiles): Promise<void> {
  return files.replace(path, utf8Bytes(`${version}\n`))
}

function damagedError(folder: string, why: string): StorageError {
  return new StorageError(
    'state-damaged',
    `the state folder ${folder} cannot be read: ${why}; put it back from a copy, or name another with --state`,
    { path: folder },
  )
}
