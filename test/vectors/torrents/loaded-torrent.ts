/** How a torrent that must be loaded is told: one function for each kind of oddity. */

import { type Fields, file, folder, single, type TorrentVector, type Verdict } from './torrent-parts.ts'

type Loaded = Extract<Verdict, { paths: readonly string[] }>

export function loads(
  name: string,
  make: () => Uint8Array,
  paths: readonly string[],
  rest: Omit<Loaded, 'paths'> = {},
): TorrentVector {
  return { name, make, verdict: { paths, ...rest } }
}

/** One file in the folder `temp` whose path the rules have to change. */
export function renamed(name: string, path: readonly (string | Uint8Array)[], onDisk: string): TorrentVector {
  return loads(name, () => folder([file(path)]), [onDisk], { warnings: ['path-changed'] })
}

/** A torrent of one file whose name the rules have to change. */
export function renamedSingle(torrentName: string, name: string | Uint8Array, onDisk: string): TorrentVector {
  return loads(torrentName, () => single({ name }), [onDisk], { warnings: ['path-changed'] })
}

/** A good torrent with other fields around its info dictionary. */
export function outer(name: string, fields: Fields, rest: Omit<Loaded, 'paths'>): TorrentVector {
  return loads(name, () => single({}, fields), ['temp'], rest)
}
