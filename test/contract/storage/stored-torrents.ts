import { Geometry } from '../../../src/metainfo/geometry.ts'
import type { StoredFile, StoredTorrent } from '../../../src/storage/stored-torrent.ts'

export const PIECE_LENGTH = 32_768

interface FileShape {
  readonly path: string
  readonly length: number
  readonly isPad?: boolean
  readonly isExecutable?: boolean
  readonly isLink?: boolean
}

export function torrentOf(
  files: readonly FileShape[],
  layout: 'packed' | 'aligned' = 'packed',
): StoredTorrent {
  const stored: StoredFile[] = files.map(({ path, length, isPad, isExecutable, isLink }) => ({
    path,
    length,
    isPad: isPad ?? false,
    isExecutable: isExecutable ?? false,
    isLink: isLink ?? false,
  }))
  return {
    id: 'test',
    files: stored,
    geometry: new Geometry({ pieceLength: PIECE_LENGTH, files: stored, layout }),
  }
}

/** Piece 0 is of a alone, 1 of a, b and c, 2 of c alone, 3 of c and d. */
export const FOUR_FILES = torrentOf([
  { path: 'T/a', length: PIECE_LENGTH + 100 },
  { path: 'T/sub/b', length: 200 },
  { path: 'T/empty', length: 0 },
  { path: 'T/sub/deep/c', length: 2 * PIECE_LENGTH },
  { path: 'T/d', length: 1000 },
])

/** Memory as extents are, filled with what the place says. */
export function sharedBytes(length: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(length))
  for (let i = 0; i < length; i++) bytes[i] = (seed * 31 + i * 7 + (i >> 8)) & 0xff
  return bytes
}

export function pieceBytes(torrent: StoredTorrent, piece: number): Uint8Array {
  return sharedBytes(torrent.geometry.pieceLengthOf(piece), piece + 1)
}

/** The same bytes in stretches of this length, each with memory of its own. */
export function inParts(bytes: Uint8Array, length: number): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += length) {
    const slice = bytes.subarray(at, at + length)
    const part = new Uint8Array(new SharedArrayBuffer(slice.length))
    part.set(slice)
    parts.push(part)
  }
  return parts
}
