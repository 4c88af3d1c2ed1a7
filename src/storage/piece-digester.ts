import { createHash, type Hash, hash } from 'node:crypto'
import { BLOCK_LENGTH } from '../metainfo/geometry.ts'
import { HASH_LENGTH, merkleRoot, treeHeight } from '../metainfo/merkle.ts'
import type { PieceDigest } from '../swarm/piece-verdict.ts'
import type { DigestKinds, MerkleKind } from './torrent-storage.ts'
import { plainBytes, workerDigest } from './worker-digest.ts'

const NO_LEAF = new Uint8Array(HASH_LENGTH)

/** Hashes one piece that comes in chunks of any size; used inside workers. */
export class PieceDigester {
  readonly #sha1: Hash | null
  readonly #leaves: LeafHasher | null

  /** `contentLength`: where the content ends and the pad of a hybrid begins. */
  constructor(kinds: DigestKinds, contentLength: number) {
    this.#sha1 = kinds.sha1 ? createHash('sha1') : null
    this.#leaves = kinds.merkle ? new LeafHasher(kinds.merkle, contentLength) : null
  }

  update(chunk: Uint8Array): void {
    this.#sha1?.update(chunk)
    this.#leaves?.update(chunk)
  }

  finish(): PieceDigest {
    const sha1 = this.#sha1 === null ? null : plainBytes(this.#sha1.digest())
    if (this.#leaves === null) return { sha1, merkleRoot: null, leaves: null }
    const { root, leaves } = this.#leaves.finish()
    return { sha1, merkleRoot: root, leaves }
  }
}

/** SHA-256 of each 16 KiB leaf, then the tree above them (BEP 52). */
class LeafHasher {
  readonly #kind: MerkleKind
  readonly #hashes: Uint8Array
  #contentLeft: number
  #count = 0
  /** A leaf that began in an earlier chunk, and how many of its bytes are still to come. */
  #open: Hash | null = null
  #openLeft = 0

  constructor(kind: MerkleKind, contentLength: number) {
    this.#kind = kind
    this.#hashes = new Uint8Array(kind.leaves * HASH_LENGTH)
    this.#contentLeft = contentLength
  }

  update(chunk: Uint8Array): void {
    let at = 0
    const end = Math.min(chunk.length, this.#contentLeft)
    while (at < end) {
      const left = this.#open ? this.#openLeft : Math.min(BLOCK_LENGTH, this.#contentLeft)
      const taken = Math.min(left, end - at)
      this.#take(chunk.subarray(at, at + taken), left)
      this.#contentLeft -= taken
      at += taken
    }
  }

  finish(): { root: Uint8Array; leaves: Uint8Array | null } {
    const leaves = this.#kind.wantLeaves ? this.#hashes.slice() : null
    const height = treeHeight(this.#kind.paddedLeaves)
    return { root: merkleRoot(this.#hashes, height, NO_LEAF, workerDigest), leaves }
  }

  /** `left`: what the leaf lacks before these bytes. */
  #take(bytes: Uint8Array, left: number): void {
    if (this.#open === null && bytes.length === left) {
      this.#add(hash('sha256', bytes, 'buffer'))
      return
    }
    this.#open ??= createHash('sha256')
    this.#open.update(bytes)
    this.#openLeft = left - bytes.length
    if (this.#openLeft > 0) return
    this.#add(this.#open.digest())
    this.#open = null
  }

  #add(leaf: Uint8Array): void {
    this.#hashes.set(leaf, this.#count * HASH_LENGTH)
    this.#count++
  }
}
