/**
 * Merkle trees of SHA-256 (BEP 52): leaves are the hashes of 16 KiB blocks, layer 0. Hashes lie one behind the other
 * in one array, 32 bytes each; what a tree has beyond the last of them is pad: zeros at the leaves, and above them
 * what zeros hash to.
 */

import type { Digest } from '../core/ports.ts'

/** Bytes of one hash. */
export const HASH_LENGTH = 32

type Sha256 = Pick<Digest, 'sha256'>

export function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * HASH_LENGTH, (index + 1) * HASH_LENGTH)
}

/** What a node covers that has nothing but pad below it, by its layer. */
export function padHash(layer: number, digest: Sha256): Uint8Array {
  let pad: Uint8Array = new Uint8Array(HASH_LENGTH)
  for (let at = 0; at < layer; at++) pad = hashPair(pad, pad, digest)
  return pad
}

export function hashPair(left: Uint8Array, right: Uint8Array, digest: Sha256): Uint8Array {
  const pair = new Uint8Array(2 * HASH_LENGTH)
  pair.set(left)
  pair.set(right, HASH_LENGTH)
  return digest.sha256(pair)
}

/** The layer above: half as many hashes, rounded up. `pad` stands in for a last right neighbour that is not there. */
export function layerAbove(hashes: Uint8Array, pad: Uint8Array, digest: Sha256): Uint8Array {
  const count = hashes.length / HASH_LENGTH
  const above = new Uint8Array(Math.ceil(count / 2) * HASH_LENGTH)
  const whole = count - (count % 2)
  for (let i = 0; i < whole; i += 2) {
    above.set(digest.sha256(hashes.subarray(i * HASH_LENGTH, (i + 2) * HASH_LENGTH)), (i / 2) * HASH_LENGTH)
  }
  if (whole < count) above.set(hashPair(hashAt(hashes, whole), pad, digest), (whole / 2) * HASH_LENGTH)
  return above
}

/**
 * The node `layers` above a run of hashes, of which there are at most 2^layers; `pad` fills up what is missing.
 * For the root of a file from its leaves: `merkleRoot(leaves, treeHeight(leafCount), padHash(0, digest), digest)`.
 */
export function merkleRoot(hashes: Uint8Array, layers: number, pad: Uint8Array, digest: Sha256): Uint8Array {
  let layer = hashes
  let filler = pad
  for (let at = 0; at < layers; at++) {
    layer = layerAbove(layer, filler, digest)
    filler = hashPair(filler, filler, digest)
  }
  return layer.slice(0, HASH_LENGTH)
}

/** Layers above the lowest until one node is left: 0 for one hash, 1 for two, 2 for three or four. */
export function treeHeight(count: number): number {
  let height = 0
  for (let width = 1; width < count; width *= 2) height++
  return height
}
