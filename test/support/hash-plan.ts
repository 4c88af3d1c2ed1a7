import { createHash } from 'node:crypto'
import { concatBytes } from '../../src/core/bytes.ts'
import type { Digest } from '../../src/core/ports.ts'
import type { TorrentHashes } from '../../src/metainfo/build.ts'
import type { FileHashes } from '../../src/metainfo/file-hashes.ts'
import type { Plan, PlannedFile } from '../../src/metainfo/plan-torrent.ts'

/** SHA-1 and SHA-256 as Node has them. */
export const testDigest: Digest = {
  sha1: bytes => new Uint8Array(createHash('sha1').update(bytes).digest()),
  sha256: bytes => new Uint8Array(createHash('sha256').update(bytes).digest()),
}

/** Hashes a plan in memory, in the plainest way there is, to compare the clever ones with. */
export function hashPlan(plan: Plan, contentOf: (file: PlannedFile) => Uint8Array): TorrentHashes {
  const contents = plan.files.map(file => (file.isPad ? new Uint8Array(file.length) : contentOf(file)))
  return {
    v1: plan.format === 'v2' ? null : sha1OfPieces(concatBytes(contents), plan.pieceLength),
    v2:
      plan.format === 'v1'
        ? null
        : plan.files.map((file, i) => describe(file, contents[i]!, plan.pieceLength)),
  }
}

function sha1OfPieces(bytes: Uint8Array, pieceLength: number): Uint8Array {
  return concatBytes(slices(bytes, pieceLength).map(piece => testDigest.sha1(piece)))
}

function describe(file: PlannedFile, content: Uint8Array, pieceLength: number): FileHashes | null {
  if (file.isPad || content.length === 0) return null
  const leaves = slices(content, 16_384).map(leaf => testDigest.sha256(leaf))
  const width = nextPowerOfTwo(leaves.length)
  const leavesOfPiece = pieceLength / 16_384
  const root = naiveRoot(leaves, width)
  if (content.length <= pieceLength) return { root, layer: null }
  const pieces = slices(leaves, leavesOfPiece).map(piece => naiveRoot(piece, leavesOfPiece))
  return { root, layer: concatBytes(pieces) }
}

/** BEP 52, word for word: leaves that are missing are zero, and two by two they are hashed until one is left. */
export function naiveRoot(leaves: readonly Uint8Array[], width: number): Uint8Array {
  let layer = Array.from({ length: width }, (_, i) => leaves[i] ?? new Uint8Array(32))
  while (layer.length > 1) {
    layer = Array.from({ length: layer.length / 2 }, (_, i) =>
      testDigest.sha256(concatBytes([layer[2 * i]!, layer[2 * i + 1]!])),
    )
  }
  return layer[0]!
}

function nextPowerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(value))
}

function slices<T extends { slice(start: number, end: number): T; readonly length: number }>(
  all: T,
  size: number,
): T[] {
  const parts: T[] = []
  for (let at = 0; at < all.length; at += size) parts.push(all.slice(at, at + size))
  return parts
}
