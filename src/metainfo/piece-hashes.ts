import { formatHex } from '../core/bytes.ts'
import type { Digest } from '../core/ports.ts'
import { HashTree } from './hash-tree.ts'
import type { Info } from './info.ts'

const SHA1_LENGTH = 20

/**
 * What the pieces of one torrent must hash to. The v1 hashes are all there from the start; those of v2 may still have
 * to come from peers, file by file, where the torrent came from a magnet link.
 */
export class PieceHashes {
  readonly #info: Info
  readonly #digest: Digest
  /** By file; made when first asked for. Bounded by the files of the torrent. */
  readonly #trees = new Map<number, HashTree>()
  readonly #layers: ReadonlyMap<string, Uint8Array>

  /**
   * `layers`: the piece layers of a torrent file, by the hex of their root. They are trusted: `parseTorrentFile`
   * has checked them.
   */
  constructor(info: Info, layers: ReadonlyMap<string, Uint8Array>, digest: Digest) {
    this.#info = info
    this.#layers = layers
    this.#digest = digest
  }

  /** 20 bytes over the whole piece, pads too; null in v2. */
  v1(piece: number): Uint8Array | null {
    return this.#info.pieces?.subarray(piece * SHA1_LENGTH, (piece + 1) * SHA1_LENGTH) ?? null
  }

  /**
   * 32 bytes: the root over the piece's leaves, `Geometry.leavesOf(piece).paddedLeaves` wide. Null in v1, and while
   * the layer of its file is not known.
   */
  v2(piece: number): Uint8Array | null {
    const place = this.place(piece)
    return place ? place.tree.piece(place.index) : null
  }

  /** The file whose piece layer has to be fetched before this piece can be verified; null where none has. */
  needsLayer(piece: number): number | null {
    const place = this.place(piece)
    return place && place.tree.piece(place.index) === null ? place.file : null
  }

  /** Whether the v2 hash of every piece is known. */
  get isComplete(): boolean {
    return this.#info.files.every((_, file) => this.tree(file)?.isComplete ?? true)
  }

  /** Takes the whole piece layer of a file. False where it does not lead to the file's root. */
  addLayer(file: number, bytes: Uint8Array): boolean {
    return this.tree(file)?.addPieces(bytes) ?? false
  }

  /** The whole piece layer of a file; null while it is not known, or for a file that has none. */
  layer(file: number): Uint8Array | null {
    return this.tree(file)?.pieces() ?? null
  }

  /** All piece layers that are known, as a torrent file keeps them: by the hex of their root. */
  layers(): Map<string, Uint8Array> {
    const layers = new Map<string, Uint8Array>()
    for (const file of this.#info.files.keys()) {
      const tree = this.tree(file)
      const layer = tree?.pieces()
      if (tree && layer) layers.set(formatHex(tree.root), layer)
    }
    return layers
  }

  /** The merkle tree of a file; null in v1, for pads, links and empty files, and where there is no such file. */
  tree(file: number): HashTree | null {
    const entry = this.#info.files[file]
    if (!entry?.piecesRoot) return null
    let tree = this.#trees.get(file)
    if (!tree) {
      const { pieceLength } = this.#info.geometry
      tree = new HashTree({ root: entry.piecesRoot, length: entry.length, pieceLength, digest: this.#digest })
      const layer = this.#layers.get(formatHex(entry.piecesRoot))
      if (layer && tree.height > tree.pieceLayer) tree.trustPieces(layer)
      this.#trees.set(file, tree)
    }
    return tree
  }

  /** The file that has content in a piece, its tree, and which of the file's pieces it is; null in v1. */
  place(piece: number): { file: number; tree: HashTree; index: number } | null {
    if (this.#info.version === 'v1') return null
    const [file] = this.#info.geometry.filesOf(piece)
    const tree = file === undefined ? null : this.tree(file)
    if (file === undefined || tree === null) return null
    return { file, tree, index: piece - this.#info.geometry.piecesOf(file).first }
  }

  /** The files that have this root: more than one where they are identical. */
  filesOf(piecesRoot: Uint8Array): number[] {
    const hex = formatHex(piecesRoot)
    return this.#info.files.flatMap((file, index) =>
      file.piecesRoot && formatHex(file.piecesRoot) === hex ? [index] : [],
    )
  }
}
