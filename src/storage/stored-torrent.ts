import { torrentIdOf } from '../core/ids.ts'
import type { Geometry } from '../metainfo/geometry.ts'
import type { Info } from '../metainfo/info.ts'

/** One file of a torrent, as the disk sees it. */
export interface StoredFile {
  /** Below the folder that was chosen, `/` between its parts: `name` or `torrent/folder/name`. */
  readonly path: string
  readonly length: number
  /** Bytes that are nowhere on disk: a pad. */
  readonly isPad: boolean
  readonly isExecutable: boolean
  /** BEP 47: never made, never followed, and without bytes. */
  readonly isLink: boolean
}

/** What storage has to know of a torrent. */
export interface StoredTorrent {
  /** Names the file that holds bytes of unwanted files. */
  readonly id: string
  readonly files: readonly StoredFile[]
  readonly geometry: Geometry
}

export function storedTorrent(info: Info): StoredTorrent {
  const files = info.files.map(file => ({
    path: (info.isSingleFile ? file.path : [info.name, ...file.path]).join('/'),
    length: file.length,
    isPad: file.isPad,
    isExecutable: file.isExecutable,
    isLink: file.symlink !== null,
  }))
  return { id: torrentIdOf(info.hashes), files, geometry: info.geometry }
}
