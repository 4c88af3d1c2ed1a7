/** A new torrent file on disk, whole or not at all. */

import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { equalBytes } from '../core/bytes.ts'
import { StorageError } from '../core/errors.ts'
import { sameTorrent } from '../core/ids.ts'
import { parseTorrentFile } from '../metainfo/torrent-file.ts'
import { nodeDigest } from '../net/node-digest.ts'

/**
 * Writes the file aside and renames it. Replaces a torrent file of the same torrent; anything else that stands there
 * only where `isForced`. Throws `StorageError` `file-exists` and `torrent-unwritable`.
 */
export async function writeTorrentFile(path: string, bytes: Uint8Array, isForced: boolean): Promise<void> {
  if (!isForced && !(await mayReplace(path, bytes))) throw await inTheWay(path)
  const aside = join(dirname(path), `.${randomUUID()}.torrent-part`)
  try {
    await using file = await open(aside, 'wx')
    await file.writeFile(bytes)
    await file.sync()
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {})
    throw unwritable(path, error, await isFolder(dirname(path)))
  }
}

/**
 * Throws what `writeTorrentFile` would in any case: to be asked before hours of hashing. What is a torrent already may
 * be the same one, which is known only then.
 */
export async function checkTorrentPlace(path: string, isForced: boolean): Promise<void> {
  if (!(await isFolder(dirname(path)))) throw unwritable(path, { code: 'ENOENT' }, false)
  if (await isFolder(path)) throw await inTheWay(path)
  if (isForced) return
  try {
    parseTorrentFile(new Uint8Array(await readFile(path)), nodeDigest)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw await inTheWay(path)
  }
}

async function inTheWay(path: string): Promise<StorageError> {
  const what = (await isFolder(path))
    ? 'is a folder; name a file in it, or another place, with -o'
    : 'exists and is another file; name another place with -o, or use --force'
  return new StorageError('file-exists', `${path} ${what}`, { path })
}

async function mayReplace(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    const there = new Uint8Array(await readFile(path))
    if (equalBytes(there, bytes)) return true
    const old = parseTorrentFile(there, nodeDigest)
    return sameTorrent(old.info.hashes, parseTorrentFile(bytes, nodeDigest).info.hashes)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false
}

/** `hasFolder`: it is there, so that ENOENT means that the system takes no files in it, as below /proc. */
function unwritable(path: string, error: unknown, hasFolder: boolean): StorageError {
  const systemCode = (error as NodeJS.ErrnoException).code ?? 'unknown'
  const why: Record<string, string> = {
    ENOENT: hasFolder
      ? 'the system takes no files there; name another place with -o'
      : 'its folder does not exist; make it first, or name another place with -o',
    EACCES: 'the folder may not be written to; name another place with -o',
    EROFS: 'the disk is read-only; name another place with -o',
    ENOSPC: 'the disk is full; free some space, or name another place with -o',
    EISDIR: 'it is a folder; name a file with -o',
  }
  return new StorageError(
    'torrent-unwritable',
    `the torrent file ${path} cannot be written: ${why[systemCode] ?? `the system says ${systemCode}`}`,
    { path, systemCode, cause: error },
  )
}
