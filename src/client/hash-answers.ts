import { BitTorrentError } from '../core/errors.ts'
import type { Digest } from '../core/ports.ts'
import {
  answerFromLeaves,
  answerFromTree,
  HASHES_PER_REQUEST,
  pieceOfRange,
} from '../metainfo/hash-exchange.ts'
import type { HashTree } from '../metainfo/hash-tree.ts'
import type { Info } from '../metainfo/info.ts'
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
    if (file === undefined || !tree?.isRange(request) || request.length > HASHES_PER_REQUEST) {
      asker.rejectHashes(request)
    } else if (request.baseLayer >= tree.pieceLayer) {
      const hashes = answerFromTree(tree, request)
      if (hashes) asker.answerHashes(request, hashes)
      else asker.rejectHashes(request)
    } else this.#askDisk(asker, request, file, tree)
  }

  #askDisk(asker: HashAsker, request: HashRequest, file: number, tree: HashTree): void {
    const index = pieceOfRange(tree, request)
    const piece = this.#info.geometry.piecesOf(file).first + (index ?? 0)
    const waiting = this.#underWay.get(asker) ?? 0
    if (index === null || !this.#have.has(piece) || waiting >= CLIENT_LIMITS.hashRequests) {
      asker.rejectHashes(request)
      return
    }
    this.#underWay.set(asker, waiting + 1)
    const settle = (leaves: Uint8Array | null): void =>
      this.#turns.enter(asker, () => {
        this.#underWay.set(asker, (this.#underWay.get(asker) ?? 1) - 1)
        const hashes = leaves && answerFromLeaves(tree, request, leaves, this.#digest)
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
