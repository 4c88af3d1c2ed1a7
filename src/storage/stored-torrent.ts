import { torrentIdOf } from '../core/ids.ts'
import type { Geometry } from '../metainfo/geometry.ts'
import type { Info } from '../metainfo/info.ts'
import { savedFolder, savedPath } from '../metainfo/saved-path.ts'

/** One file of a torrent, as the disk sees it. */
export interface StoredFile {
  /** Below the folder that was chosen, `/` between its parts: `name` or `torrent/folder/name`. */
  readonly path: string
  readonly length: number
  /** Bytes that are nowhere on disk: a pad. */
  readonly isPad: boolean
  readonly isExecutable: boolean
  /** BEP 47: never followed, and without bytes. */
  readonly isLink: boolean
  /** What the link points to, as `path`. Without it, or with null, the link is not made. */
  readonly linkTarget?: string | null
}

/** What storage has to know of a torrent. */
export interface StoredTorrent {
  /** Names the file that holds bytes of unwanted files. */
  readonly id: string
  readonly files: readonly StoredFile[]
  readonly geometry: Geometry
}

/** The same with some files under other names; see `StoragePlace`. */
export function withNames(torrent: StoredTorrent, names: ReadonlyMap<number, string>): StoredTorrent {
  if (names.size === 0) return torrent
  return {
    ...torrent,
    files: torrent.files.map((file, index) => ({ ...file, path: names.get(index) ?? file.path })),
  }
}

/**
 * `hasOwnNames`: the torrent was made of files that lie on this disk just now. They are found under the names that they
 * have, which the rules for names from strangers would change (`a:b`, `con`).
 */
export function storedTorrent(info: Info, options: { hasOwnNames?: boolean } = {}): StoredTorrent {
  const files = info.files.map(file => ({
    path: savedPath(info, file, options).join('/'),
    length: file.length,
    isPad: file.isPad,
    isExecutable: file.isExecutable,
    isLink: file.symlink !== null,
    linkTarget:
      file.symlink && !info.isSingleFile ? [savedFolder(info, options), ...file.symlink].join('/') : null,
  }))
  return { id: torrentIdOf(info.hashes), files, geometry: info.geometry }
}
