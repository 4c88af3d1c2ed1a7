import type { Digest } from '../core/ports.ts'
import { BLOCK_LENGTH, type Geometry } from './geometry.ts'
import { HASH_LENGTH, merkleRoot, padHash, treeHeight } from './merkle.ts'

/** What a v2 torrent says of the content of one file. */
export interface FileHashes {
  /** 32 bytes. */
  readonly root: Uint8Array
  /** 32 bytes a piece; null for a file that fits into one piece. */
  readonly layer: Uint8Array | null
}

/**
 * From the merkle roots of all pieces (32 bytes each, as `PieceDigest.merkleRoot` has them) to what the files are
 * described by. One entry a file of the geometry; null for pads, links and empty files.
 */
export function fileHashesOf(
  geometry: Geometry,
  pieceRoots: Uint8Array,
  digest: Digest,
): (FileHashes | null)[] {
  const pieceLayer = treeHeight(geometry.pieceLength / BLOCK_LENGTH)
  const pad = padHash(pieceLayer, digest)
  return Array.from({ length: geometry.fileCount }, (_, file) => {
    if (geometry.fileLength(file) === 0 || geometry.isPad(file)) return null
    const { first, end } = geometry.piecesOf(file)
    const layer = pieceRoots.slice(first * HASH_LENGTH, end * HASH_LENGTH)
    if (end - first === 1) return { root: layer, layer: null }
    return { root: merkleRoot(layer, treeHeight(end - first), pad, digest), layer }
  })
}
