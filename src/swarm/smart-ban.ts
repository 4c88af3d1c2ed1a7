import { BoundedMap } from '../core/bounded-map.ts'
import { equalBytes } from '../core/bytes.ts'
import type { Digest } from '../core/ports.ts'
import { BLOCK_LENGTH } from '../metainfo/geometry.ts'
import { SWARM_LIMITS } from './limits.ts'
import { PAD_SOURCE } from './gathered-piece.ts'

const HASH_LENGTH = 32
const NOBODY: ReadonlySet<object> = new Set()

/** Who sent each block of a piece; null where that is not known, `PAD_SOURCE` where nobody need have. */
export type BlockSources = readonly (object | null)[]

/** A failed attempt at a piece. */
interface Attempt {
  readonly sources: BlockSources
  /** SHA-256 of each block, joined. */
  readonly hashes: Uint8Array
}

/**
 * Finds out who sent the wrong blocks of a piece that failed, and accuses nobody without proof. It keeps a hash of each
 * block and who sent it; when the piece is good later, the blocks that differ were wrong. Who sent a failed piece alone
 * is known at once. It goes on knowing those who left, so that their hosts do not come back.
 */
export class SmartBan {
  readonly #digest: Digest
  /** Bounded by `suspectPieces` and `suspectAttempts`, the oldest forgotten first. */
  readonly #suspects = new BoundedMap<number, Attempt[]>({ limit: SWARM_LIMITS.suspectPieces })

  constructor(options: { digest: Digest }) {
    this.#digest = options.digest
  }

  /** A piece failed. Returns those who are proven to have sent wrong data: whoever sent all of it. */
  pieceFailed(piece: number, sources: BlockSources, parts: readonly Uint8Array[]): ReadonlySet<object> {
    const senders = new Set(sources.filter(source => source !== PAD_SOURCE))
    const [only = null] = senders
    if (only !== null && senders.size === 1) return new Set([only])
    const attempts = this.#suspects.get(piece) ?? []
    attempts.push({ sources: [...sources], hashes: this.#hashes(parts) })
    if (attempts.length > SWARM_LIMITS.suspectAttempts) attempts.shift()
    this.#suspects.set(piece, attempts)
    return NOBODY
  }

  /** The piece failed before, and nobody knows yet who is to blame: what is good of it would tell. */
  isSuspect(piece: number): boolean {
    return this.#suspects.has(piece)
  }

  /** A piece is good. Returns those who had sent something else for one of its blocks. */
  pieceGood(piece: number, parts: readonly Uint8Array[]): ReadonlySet<object> {
    const attempts = this.#suspects.get(piece)
    if (!attempts) return NOBODY
    this.#suspects.delete(piece)
    const good = this.#hashes(parts)
    const liars = new Set<object>()
    for (const { sources, hashes } of attempts) {
      for (const liar of liarsAmong(sources, hashes, good)) liars.add(liar)
    }
    return liars
  }

  #hashes(parts: readonly Uint8Array[]): Uint8Array {
    const hashes: number[] = []
    for (const part of parts) {
      for (let at = 0; at < part.length; at += BLOCK_LENGTH) {
        hashes.push(...this.#digest.sha256(part.subarray(at, at + BLOCK_LENGTH)))
      }
    }
    return Uint8Array.from(hashes)
  }
}

/**
 * Those who sent a block whose hash is not the right one; both are 32 bytes a block, joined. In v2 they are the leaf
 * hashes (BEP 52). A block for which either is missing, as padding has no leaf, accuses nobody.
 */
export function liarsAmong(sources: BlockSources, came: Uint8Array, right: Uint8Array): ReadonlySet<object> {
  const liars = new Set<object>()
  const blocks = Math.min(sources.length, came.length / HASH_LENGTH, right.length / HASH_LENGTH)
  for (let block = 0; block < blocks; block++) {
    const [from, end] = [block * HASH_LENGTH, (block + 1) * HASH_LENGTH]
    const source = sources[block]
    if (!source || source === PAD_SOURCE) continue
    if (!equalBytes(came.subarray(from, end), right.subarray(from, end))) liars.add(source)
  }
  return liars
}
