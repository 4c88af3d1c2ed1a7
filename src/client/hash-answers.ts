import { concatBytes } from '../core/bytes.ts'
import { BitTorrentError } from '../core/errors.ts'
import type { Digest } from '../core/ports.ts'
import type { HashTree } from '../metainfo/hash-tree.ts'
import type { Info } from '../metainfo/info.ts'
import { HASH_LENGTH, layerAbove, padHash } from '../metainfo/merkle.ts'
import type { PieceHashes } from '../metainfo/piece-hashes.ts'
import type { TorrentStorage } from '../storage/torrent-storage.ts'
import type { Bitfield } from '../core/bitfield.ts'
import type { HashRequest } from '../wire/hash-request.ts'
import { CLIENT_LIMITS } from './limits.ts'
import { digestKinds } from './piece-keeper.ts'
import type { Guarded, Turns } from './turns.ts'

/** A connection over which hashes are asked of us. */
export interface HashAsker extends Guarded {
  answerHashes(request: HashRequest, hashes: Uint8Array): void
  rejectHashes(request: HashRequest): void
}

/**
 * Answers requests for v2 hashes (BEP 52): from the tree where they are piece hashes or above, and for the leaves below
 * them by hashing the piece as it lies on disk. What it cannot or will not answer is rejected.
 */
export class HashAnswers {
  readonly #info: Info
  readonly #hashes: PieceHashes
  readonly #storage: TorrentStorage
  readonly #have: Bitfield
  readonly #digest: Digest
  readonly #turns: Turns
  /** Pieces being hashed for each asker. Bounded by `hashRequests`. */
  readonly #underWay = new WeakMap<HashAsker, number>()

  constructor(options: {
    info: Info
    hashes: PieceHashes
    storage: TorrentStorage
    have: Bitfield
    digest: Digest
    turns: Turns
  }) {
    this.#info = options.info
    this.#hashes = options.hashes
    this.#storage = options.storage
    this.#have = options.have
    this.#digest = options.digest
    this.#turns = options.turns
  }

  asked(asker: HashAsker, request: HashRequest): void {
    const [file] = this.#hashes.filesOf(request.piecesRoot)
    const tree = file === undefined ? null : this.#hashes.tree(file)
    if (file === undefined || !tree?.isRange(request) || request.length > CLIENT_LIMITS.hashesPerRequest) {
      asker.rejectHashes(request)
    } else if (request.baseLayer >= tree.pieceLayer) {
      const hashes = fromTree(tree, request)
      if (hashes) asker.answerHashes(request, hashes)
      else asker.rejectHashes(request)
    } else this.#askDisk(asker, request, file, tree)
  }

  #askDisk(asker: HashAsker, request: HashRequest, file: number, tree: HashTree): void {
    const perPiece = 2 ** (tree.pieceLayer - request.baseLayer)
    const index = Math.floor(request.index / perPiece)
    const piece = this.#info.geometry.piecesOf(file).first + index
    const waiting = this.#underWay.get(asker) ?? 0
    const isOnePiece = request.length <= perPiece && index < tree.pieceCount
    if (!isOnePiece || !this.#have.has(piece) || waiting >= CLIENT_LIMITS.hashRequests) {
      asker.rejectHashes(request)
      return
    }
    this.#underWay.set(asker, waiting + 1)
    const settle = (leaves: Uint8Array | null): void =>
      this.#turns.enter(asker, () => {
        this.#underWay.set(asker, (this.#underWay.get(asker) ?? 1) - 1)
        const hashes = leaves && fromLeaves(tree, request, leaves, this.#digest)
        if (hashes) asker.answerHashes(request, hashes)
        else asker.rejectHashes(request)
      })
    this.#storage
      .digest(piece, { ...digestKinds(this.#info, piece, { wantLeaves: true }), sha1: false })
      .then(
        ({ leaves }) => settle(leaves),
        (error: unknown) => {
          if (error instanceof BitTorrentError) settle(null)
          else this.#turns.enter(asker, now => asker.fail(error, now))
        },
      )
  }
}

/** The hashes and their uncles; null where one is not known. */
function fromTree(tree: HashTree, request: HashRequest): Uint8Array | null {
  const hashes: Uint8Array[] = []
  for (let i = 0; i < request.length; i++) {
    const hash = tree.node(request.baseLayer, request.index + i)
    if (!hash) return null
    hashes.push(hash)
  }
  const uncles = tree.uncles(request, 0)
  return uncles && concatBytes([...hashes, ...uncles])
}

/** The same below the piece layer: the layers up to there are made from the leaves of the piece. */
function fromLeaves(
  tree: HashTree,
  request: HashRequest,
  leaves: Uint8Array,
  digest: Digest,
): Uint8Array | null {
  const width = 2 ** (tree.pieceLayer - request.baseLayer)
  const start = request.index % width
  const layers = [padded(leaves, 2 ** tree.pieceLayer)]
  for (let layer = 1; layer < tree.pieceLayer; layer++) {
    layers.push(layerAbove(layers[layer - 1]!, padHash(layer - 1, digest), digest))
  }
  const base = layers[request.baseLayer]
  if (!base) return null
  const own = base.subarray(start * HASH_LENGTH, (start + request.length) * HASH_LENGTH)
  const upper = tree.uncles(request, tree.pieceLayer)
  if (!upper) return null
  const lower: Uint8Array[] = []
  const wanted = tree.answerLength(request) / HASH_LENGTH - request.length - upper.length
  let layer = request.baseLayer + Math.round(Math.log2(request.length))
  for (let i = 0; i < wanted; i++, layer++) {
    const uncle = Math.floor(start / 2 ** (layer - request.baseLayer)) ^ 1
    lower.push(layers[layer]!.subarray(uncle * HASH_LENGTH, (uncle + 1) * HASH_LENGTH))
  }
  return concatBytes([own, ...lower, ...upper])
}

/** Leaves beyond the content are zeros (BEP 52). */
function padded(leaves: Uint8Array, count: number): Uint8Array {
  if (leaves.length === count * HASH_LENGTH) return leaves
  const whole = new Uint8Array(count * HASH_LENGTH)
  whole.set(leaves)
  return whole
}
