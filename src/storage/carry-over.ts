/** From one edition of a torrent that changes (BEP 46) to the next, in one folder. */

import { constants } from 'node:fs'
import { copyFile, truncate } from 'node:fs/promises'
import { equalBytes, formatHex } from '../core/bytes.ts'
import type { FileEntry } from '../metainfo/file-entry.ts'
import type { Info } from '../metainfo/info.ts'
import { savedPath } from '../metainfo/saved-path.ts'
import { checkFolders, lookAt, makeFolders, pathBelow } from './path-guard.ts'

export interface CarriedOver {
  /** Files of the later edition that were copied from other names in the earlier one. */
  readonly copied: number
  /** Files that were longer and are no more. */
  readonly cut: number
}

/**
 * Prepares a folder in which `earlier` lies for `later`, so that the check then finds what did not change: a file that has
 * another path now is copied from its old one, and one that became shorter is cut. What lies at its place is not
 * looked into: hashes tell. Nothing of the earlier edition is removed.
 * Rejects with the signal's reason, with `file-is-link` and `file-not-regular`, and with what the system says.
 */
export async function carryOver(options: {
  earlier: Info
  later: Info
  folder: string
  signal: AbortSignal
}): Promise<CarriedOver> {
  const { earlier, later, folder, signal } = options
  const sources = new Sources(earlier)
  let copied = 0
  let cut = 0
  for (const file of later.files) {
    signal.throwIfAborted()
    if (!isStored(file)) continue
    const path = pathOf(later, file)
    const there = checkFolders(folder, path) ? lookAt(pathBelow(folder, path)) : null
    if (there === null) {
      if (await copyTo(path, sources.of(later, file), folder)) copied++
    } else if (there.isFile() && there.size > file.length) {
      await truncate(pathBelow(folder, path), file.length)
      cut++
    }
  }
  return { copied, cut }
}

/** What of the earlier edition may hold the same: of the same root, or of the same name and length. */
class Sources {
  readonly #info: Info
  readonly #byRoot = new Map<string, FileEntry>()
  readonly #byName = new Map<string, FileEntry>()

  constructor(info: Info) {
    this.#info = info
    for (const file of info.files.filter(isStored)) {
      if (file.piecesRoot) this.#byRoot.set(formatHex(file.piecesRoot), file)
      this.#byName.set(nameOf(info, file), file)
    }
  }

  /** Where it lies, and how long it is. */
  of(later: Info, file: FileEntry): { path: string; length: number } | null {
    const { piecesRoot } = file
    const named = this.#byName.get(nameOf(later, file))
    const differs =
      piecesRoot && named?.piecesRoot
        ? !equalBytes(named.piecesRoot, piecesRoot)
        : named?.length !== file.length
    const found = (piecesRoot && this.#byRoot.get(formatHex(piecesRoot))) ?? (differs ? undefined : named)
    return found ? { path: pathOf(this.#info, found), length: found.length } : null
  }
}

/** False where there is nothing to copy. The system may share the blocks of both instead of copying them. */
async function copyTo(
  path: string,
  source: { path: string; length: number } | null,
  folder: string,
): Promise<boolean> {
  if (source === null || !checkFolders(folder, source.path)) return false
  const from = pathBelow(folder, source.path)
  const there = lookAt(from)
  if (!there?.isFile() || there.size !== source.length) return false
  makeFolders(folder, path, () => undefined)
  await copyFile(from, pathBelow(folder, path), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  return true
}

function isStored(file: FileEntry): boolean {
  return !file.isPad && file.symlink === null && file.length > 0
}

function pathOf(info: Info, file: FileEntry): string {
  return savedPath(info, file).join('/')
}

/** Of a single file there is only one: that its name changed says nothing. */
function nameOf(info: Info, file: FileEntry): string {
  return info.isSingleFile ? '' : file.path.join('/')
}
