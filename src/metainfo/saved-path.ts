import { utf8Bytes } from '../core/bytes.ts'
import type { FileEntry } from './file-entry.ts'
import type { Info } from './info.ts'
import { METAINFO_LIMITS } from './limits.ts'
import { cleanElement } from './safe-path.ts'

/** What it takes of a torrent's metadata. */
type Named = Pick<Info, 'isSingleFile' | 'name' | 'originalName'>

/**
 * Where a file lies below the folder that a torrent is put into, in parts. `hasOwnNames`: under the name that the torrent has
 * for it, as where the torrent was made of it; so long as that leads nowhere else.
 */
export function savedPath(
  info: Named,
  file: Pick<FileEntry, 'path' | 'originalPath'>,
  options: { hasOwnNames?: boolean } = {},
): readonly string[] {
  const safe = info.isSingleFile ? file.path : [info.name, ...file.path]
  if (!options.hasOwnNames) return safe
  const own = info.isSingleFile ? file.originalPath : [info.originalName, ...file.originalPath]
  return isOwnPath(own) ? own : safe
}

/** The folder that a torrent of several files makes. */
export function savedFolder(info: Named, options: { hasOwnNames?: boolean } = {}): string {
  return options.hasOwnNames && isOwnPath([info.originalName]) ? info.originalName : info.name
}

/** Whether a file may be called so by its user: a way below a folder, and a name that every system can have. */
export function isSafePath(path: string): boolean {
  if (utf8Bytes(path).length > METAINFO_LIMITS.pathLength) return false
  return path.split('/').every(part => cleanElement(utf8Bytes(part)) === part)
}

function isOwnPath(path: readonly string[]): boolean {
  return path.every(part => !['', '.', '..'].includes(part) && !/[/\0\ufffd]/.test(part))
}
