import { concatBytes } from '../../src/core/bytes.ts'
import { HashTree } from '../../src/metainfo/hash-tree.ts'
import { naiveRoot, testDigest } from './hash-plan.ts'

const LEAF = 16_384

/** A whole merkle tree in the open, to compare with what `HashTree` knows of it. */
export class FileTree {
  readonly layers: Uint8Array[][]
  readonly length: number
  readonly pieceLength: number

  /** The last leaf is one byte long. `seed` makes for other content. */
  constructor(o: { leaves: number; leavesOfPiece: number; seed?: number }) {
    this.length = (o.leaves - 1) * LEAF + 1
    this.pieceLength = o.leavesOfPiece * LEAF
    const height = Math.ceil(Math.log2(o.leaves))
    const leaves = Array.from({ length: 2 ** height }, (_, i) =>
      i < o.leaves ? testDigest.sha256(Uint8Array.of(i, i >> 8, o.seed ?? 0)) : new Uint8Array(32),
    )
    this.layers = [leaves]
    for (let layer = 1; layer <= height; layer++) {
      const below = this.layers[layer - 1]!
      this.layers.push(
        Array.from({ length: below.length / 2 }, (_, i) => naiveRoot([below[2 * i]!, below[2 * i + 1]!], 2)),
      )
    }
  }

  get height(): number {
    return this.layers.length - 1
  }

  get root(): Uint8Array {
    return this.layers.at(-1)![0]!
  }

  get pieceLayer(): number {
    return Math.min(this.height, Math.log2(this.pieceLength / LEAF))
  }

  get pieceCount(): number {
    return Math.ceil(this.length / this.pieceLength)
  }

  /** The piece layer as a torrent file has it. */
  pieces(): Uint8Array {
    return concatBytes(this.layers[this.pieceLayer]!.slice(0, this.pieceCount))
  }

  leavesOfPiece(piece: number): Uint8Array {
    const width = 2 ** this.pieceLayer
    return concatBytes(this.layers[0]!.slice(piece * width, (piece + 1) * width))
  }

  /** The answer to a range, read off the tree as BEP 52 says. */
  answer(range: { baseLayer: number; index: number; length: number; proofLayers: number }): Uint8Array {
    const hashes = this.layers[range.baseLayer]!.slice(range.index, range.index + range.length)
    const implied = Math.max(0, Math.log2(range.length) - 1)
    for (let proof = implied; proof < range.proofLayers; proof++) {
      const layer = range.baseLayer + 1 + proof
      const own = Math.floor(range.index / 2 ** (layer - range.baseLayer))
      hashes.push(this.layers[layer]![own ^ 1]!)
    }
    return concatBytes(hashes)
  }

  /** What is known of it at first: its root. */
  known(): HashTree {
    return new HashTree({
      root: this.root,
      length: this.length,
      pieceLength: this.pieceLength,
      digest: testDigest,
    })
  }
}
