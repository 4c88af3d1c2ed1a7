import { equalBytes } from '../core/bytes.ts'
import type { Digest } from '../core/ports.ts'
import { BLOCK_LENGTH } from './geometry.ts'
import { HASH_LENGTH, hashAt, hashPair, layerAbove, merkleRoot, padHash, treeHeight } from './merkle.ts'

/** Which hashes of a file's tree are meant, as HASH REQUEST and HASHES say it (BEP 52). */
export interface HashRange {
  /** Layers above the leaves. */
  readonly baseLayer: number
  /** The first hash, counted in the base layer. */
  readonly index: number
  /** How many hashes of the base layer: a power of two from 2 that divides `index`. */
  readonly length: number
  /** How many layers of ancestors; those that follow from the hashes themselves count but are not sent. */
  readonly proofLayers: number
}

/**
 * The merkle tree of one file, from the layer whose hashes are its pieces' up to the root. Every hash in it is
 * verified: it got there with a proof that ends in the root. Owns no leaves; they are on the disk.
 *
 * The tree of a file that fits into a piece is its root alone.
 */
export class HashTree {
  readonly root: Uint8Array
  /** 16 KiB leaves with content. */
  readonly leafCount: number
  /** The layer of the root. */
  readonly height: number
  /** The layer of the pieces' hashes; that of the root where the file fits into one piece. */
  readonly pieceLayer: number
  readonly pieceCount: number
  readonly #digest: Digest
  /** From the piece layer up, the root's own left out; a hash of zeros is one that is not known. */
  readonly #layers: Uint8Array[] = []
  /** Layers above the piece layer follow from it, and are made when they are asked for. */
  #hasUpperLayers = false
  #unknownPieces: number
  /** By layer. */
  readonly #pads: Uint8Array[] = []

  constructor(o: { root: Uint8Array; length: number; pieceLength: number; digest: Digest }) {
    this.root = o.root
    this.#digest = o.digest
    this.leafCount = Math.ceil(o.length / BLOCK_LENGTH)
    this.height = treeHeight(this.leafCount)
    this.pieceLayer = Math.min(this.height, treeHeight(o.pieceLength / BLOCK_LENGTH))
    this.pieceCount = this.#countOf(this.pieceLayer)
    this.#unknownPieces = this.height > this.pieceLayer ? this.pieceCount : 0
  }

  /** Whether the hash of every piece is known. */
  get isComplete(): boolean {
    return this.#unknownPieces === 0
  }

  /** The hash of a piece, counted in the file; null while it is not known. */
  piece(index: number): Uint8Array | null {
    return this.node(this.pieceLayer, index)
  }

  /** The hashes of all pieces, as the torrent file has them; null while one is not known or the root is all there is. */
  pieces(): Uint8Array | null {
    return this.height > this.pieceLayer && this.isComplete ? this.#layers[0]! : null
  }

  /** A node at or above the piece layer, pads too; null where it is not known or does not exist. */
  node(layer: number, index: number): Uint8Array | null {
    if (layer < this.pieceLayer || layer > this.height || index >= 2 ** (this.height - layer)) return null
    if (layer === this.height) return this.root
    if (index >= this.#countOf(layer)) return this.#pad(layer)
    if (layer > this.pieceLayer) this.#makeUpperLayers()
    const hashes = this.#layers[layer - this.pieceLayer]
    if (!hashes) return null
    const hash = hashAt(hashes, index)
    return isZero(hash) ? null : hash
  }

  /** Takes the hashes of all pieces. False, and nothing is taken, where they do not lead to the root. */
  addPieces(hashes: Uint8Array): boolean {
    const layers = this.height - this.pieceLayer
    if (layers === 0 || hashes.length !== this.pieceCount * HASH_LENGTH) return false
    const root = merkleRoot(hashes, layers, this.#pad(this.pieceLayer), this.#digest)
    if (!equalBytes(root, this.root)) return false
    this.trustPieces(hashes)
    return true
  }

  /** As `addPieces`, for hashes that were checked before. */
  trustPieces(hashes: Uint8Array): void {
    this.#layers.length = 0
    this.#layers.push(hashes)
    this.#hasUpperLayers = false
    this.#unknownPieces = 0
  }

  /**
   * Takes hashes that a peer sent, with their proof. False, and nothing is taken, where they are not a range of this
   * tree at or above the piece layer whose proof ends in the root or in a node that is known.
   */
  addRange(range: HashRange, hashes: Uint8Array): boolean {
    if (!this.isRange(range) || range.baseLayer < this.pieceLayer) return false
    const path = this.#climb(range, hashes)
    if (path === null) return false
    if (this.isComplete) return true
    this.#makeRoom()
    for (const { layer, index, hash } of path) this.#put(layer, index, hash)
    return true
  }

  /** The same judgement for hashes below the piece layer, which are not kept. */
  isProven(range: HashRange, hashes: Uint8Array): boolean {
    return this.isRange(range) && this.#climb(range, hashes) !== null
  }

  /** Whether such hashes exist in this tree: for numbers that a stranger sent. */
  isRange({ baseLayer, index, length, proofLayers }: HashRange): boolean {
    if (baseLayer < 0 || baseLayer >= this.height || length < 2 || !Number.isInteger(Math.log2(length)))
      return false
    if (index < 0 || index % length !== 0 || index + length > 2 ** (this.height - baseLayer)) return false
    return proofLayers >= 0 && proofLayers < this.height - baseLayer
  }

  /** Bytes that answer a range: its own hashes, and an uncle for each proof layer that they do not imply. */
  answerLength(range: HashRange): number {
    return HASH_LENGTH * (range.length + uncleCount(range))
  }

  /** The uncles of a range from the layer `from` up, as far as its proof goes; null where one is not known. */
  uncles(range: HashRange, from: number): Uint8Array[] | null {
    const first = range.baseLayer + treeHeight(range.length)
    const uncles: Uint8Array[] = []
    for (let layer = Math.max(first, from); layer < first + uncleCount(range); layer++) {
      const own = Math.floor(range.index / 2 ** (layer - range.baseLayer))
      const uncle = this.node(layer, own ^ 1)
      if (uncle === null) return null
      uncles.push(uncle)
    }
    return uncles
  }

  /** All nodes that the range and its uncles lead to, themselves included; null where they contradict the tree. */
  #climb(range: HashRange, hashes: Uint8Array): TreeNode[] | null {
    if (hashes.length !== this.answerLength(range)) return null
    const nodes: TreeNode[] = []
    let { baseLayer: layer, index } = range
    let run = hashes.subarray(0, range.length * HASH_LENGTH)
    for (;;) {
      for (let i = 0; i < run.length / HASH_LENGTH; i++)
        nodes.push({ layer, index: index + i, hash: hashAt(run, i) })
      if (run.length === HASH_LENGTH) break
      run = layerAbove(run, run, this.#digest)
      layer++
      index /= 2
    }
    let hash = run
    for (let at = range.length * HASH_LENGTH; at < hashes.length; at += HASH_LENGTH) {
      const uncle = hashes.subarray(at, at + HASH_LENGTH)
      nodes.push({ layer, index: index ^ 1, hash: uncle })
      hash = index % 2 === 0 ? hashPair(hash, uncle, this.#digest) : hashPair(uncle, hash, this.#digest)
      layer++
      index = Math.floor(index / 2)
      nodes.push({ layer, index, hash })
    }
    const known = this.node(layer, index)
    return known !== null && equalBytes(known, hash) ? nodes : null
  }

  #put(layer: number, index: number, hash: Uint8Array): void {
    const hashes = this.#layers[layer - this.pieceLayer]
    if (layer >= this.height || !hashes || index >= this.#countOf(layer)) return
    const place = hashAt(hashes, index)
    if (layer === this.pieceLayer && isZero(place)) this.#unknownPieces--
    place.set(hash)
  }

  #makeRoom(): void {
    for (let layer = this.pieceLayer + this.#layers.length; layer < this.height; layer++) {
      this.#layers.push(new Uint8Array(this.#countOf(layer) * HASH_LENGTH))
    }
    this.#hasUpperLayers = true
  }

  #makeUpperLayers(): void {
    const [pieces] = this.#layers
    if (this.#hasUpperLayers || !pieces) return
    for (let layer = this.pieceLayer + 1; layer < this.height; layer++) {
      this.#layers.push(layerAbove(this.#layers.at(-1)!, this.#pad(layer - 1), this.#digest))
    }
    this.#hasUpperLayers = true
  }

  #pad(layer: number): Uint8Array {
    this.#pads[layer] ??= padHash(layer, this.#digest)
    return this.#pads[layer]
  }

  /** Nodes of a layer that have content below them. */
  #countOf(layer: number): number {
    return Math.ceil(this.leafCount / 2 ** layer)
  }
}

interface TreeNode {
  readonly layer: number
  readonly index: number
  readonly hash: Uint8Array
}

/** The first log2(length) - 1 proof layers follow from the hashes themselves (BEP 52). */
function uncleCount({ length, proofLayers }: HashRange): number {
  return Math.max(0, proofLayers - treeHeight(length) + 1)
}

function isZero(hash: Uint8Array): boolean {
  return hash.every(byte => byte === 0)
}
