/** Asking for v2 hashes and answering who asks (BEP 52). What comes in is judged by `HashTree.addRange`, `isProven`. */

import { concatBytes } from '../core/bytes.ts'
import type { Digest } from '../core/ports.ts'
import type { HashRange, HashTree } from './hash-tree.ts'
import { METAINFO_LIMITS } from './limits.ts'
import { HASH_LENGTH, hashAt, layerAbove, padHash, treeHeight } from './merkle.ts'

/** What one request may ask for. */
export const HASHES_PER_REQUEST = METAINFO_LIMITS.hashesPerRequest

/** What to ask for to get a whole piece layer: ranges that each prove themselves up to the root. */
export function pieceLayerRanges(tree: HashTree): HashRange[] {
  const baseLayer = tree.pieceLayer
  if (baseLayer === tree.height) return []
  const length = Math.min(HASHES_PER_REQUEST, 2 ** (tree.height - baseLayer))
  const ranges: HashRange[] = []
  for (let index = 0; index < tree.pieceCount; index += length) {
    ranges.push({ baseLayer, index, length, proofLayers: tree.height - baseLayer - 1 })
  }
  return ranges
}

/**
 * What to ask for to get the leaf hashes of a piece (counted in the file), those of pads included: they name the block
 * of a failed piece that is wrong. Null where the piece is a single leaf.
 */
export function leafRange(tree: HashTree, piece: number): HashRange | null {
  const length = 2 ** tree.pieceLayer
  if (length < 2) return null
  return { baseLayer: 0, index: piece * length, length, proofLayers: tree.height - 1 }
}

/** The answer to a range at or above the piece layer, proof included; null where a hash is not known. */
export function answerFromTree(tree: HashTree, range: HashRange): Uint8Array | null {
  const hashes: Uint8Array[] = []
  for (let i = 0; i < range.length; i++) {
    const hash = tree.node(range.baseLayer, range.index + i)
    if (hash === null) return null
    hashes.push(hash)
  }
  const uncles = tree.uncles(range, tree.pieceLayer)
  return uncles && concatBytes([...hashes, ...uncles])
}

/** The piece (counted in the file) whose leaves answer a range below the piece layer; null where one is not enough. */
export function pieceOfRange(tree: HashTree, range: HashRange): number | null {
  const width = 2 ** (tree.pieceLayer - range.baseLayer)
  const piece = Math.floor(range.index / width)
  return range.length <= width && piece < tree.pieceCount ? piece : null
}

/**
 * The answer to a range below the piece layer, proof included. `leaves`: the hashes of all leaves of the piece that
 * `pieceOfRange` names. Null where a hash above the piece is not known.
 */
export function answerFromLeaves(
  tree: HashTree,
  range: HashRange,
  leaves: Uint8Array,
  digest: Digest,
): Uint8Array | null {
  const uppers = tree.uncles(range, tree.pieceLayer)
  if (uppers === null) return null
  const layers = subtreeLayers(leaves, tree.pieceLayer, digest)
  const start = range.index % 2 ** (tree.pieceLayer - range.baseLayer)
  const node = (layer: number, index: number): Uint8Array => {
    const hashes = layers[layer]!
    return index * HASH_LENGTH < hashes.length ? hashAt(hashes, index) : padHash(layer, digest)
  }
  const hashes = Array.from({ length: range.length }, (_, i) => node(range.baseLayer, start + i))
  const lowerCount = tree.answerLength(range) / HASH_LENGTH - range.length - uppers.length
  const first = range.baseLayer + treeHeight(range.length)
  for (let layer = first; layer < first + lowerCount; layer++) {
    hashes.push(node(layer, Math.floor(start / 2 ** (layer - range.baseLayer)) ^ 1))
  }
  return concatBytes([...hashes, ...uppers])
}

/** From the leaves of a piece up to the layer below its root. */
function subtreeLayers(leaves: Uint8Array, height: number, digest: Digest): Uint8Array[] {
  const layers = [leaves]
  for (let layer = 1; layer < height; layer++) {
    layers.push(layerAbove(layers[layer - 1]!, padHash(layer - 1, digest), digest))
  }
  return layers
}
