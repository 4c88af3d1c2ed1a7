import { equalBytes } from '../core/bytes.ts'
import { BoundedMap } from '../core/bounded-map.ts'
import type { Digest } from '../core/ports.ts'
import { BLOCK_LENGTH } from '../metainfo/geometry.ts'
import { SWARM_LIMITS } from './limits.ts'

/** One failed attempt at a piece: a digest a block, and who sent it. */
interface Attempt {
  readonly digests: readonly Uint8Array[]
  readonly sources: (object | null)[]
}

/**
 * Finds out who sent the wrong block of a piece that failed, and accuses nobody without proof. Of a failed piece it
 * keeps a digest of each block and who sent it; when the piece is good later, the blocks that differ were wrong. Who
 * sent a failed piece alone is known at once, and where leaf hashes are known (BEP 52), so is everyone else.
 */
export class SmartBan {
  readonly #digest: Digest
  /** Bounded by `suspectPieces` and `suspectAttempts`, the oldest forgotten first. */
  readonly #suspects = new BoundedMap<number, Attempt[]>({ limit: SWARM_LIMITS.suspectPieces })

  constructor(options: { digest: Digest }) {
    this.#digest = options.digest
  }

  /** A piece failed. Returns those who are proven to have sent wrong data: the one who sent all of it. */
  pieceFailed(
    piece: number,
    sources: readonly (object | null)[],
    parts: readonly Uint8Array[],
  ): ReadonlySet<object> {
    const liars = new Set<object>()
    const first = sources[0] ?? null
    if (first !== null && sources.every(source => source === first)) {
      liars.add(first)
      return liars
    }
    const attempts = this.#suspects.get(piece) ?? []
    attempts.push({ digests: this.#digests(parts), sources: [...sources] })
    if (attempts.length > SWARM_LIMITS.suspectAttempts) attempts.shift()
    this.#suspects.set(piece, attempts)
    return liars
  }

  /** A piece is good. Returns those who had sent something else for one of its blocks. */
  pieceGood(
    piece: number,
    _sources: readonly (object | null)[],
    parts: readonly Uint8Array[],
  ): ReadonlySet<object> {
    const attempts = this.#suspects.get(piece)
    if (!attempts) return NOBODY
    this.#suspects.delete(piece)
    return accuse(attempts, this.#digests(parts))
  }

  /** A peer left: it cannot be accused any more, only its host could, which the owner remembers. */
  sourceGone(source: object): void {
    for (const attempts of this.#suspects.values()) {
      for (const { sources } of attempts) {
        for (let block = 0; block < sources.length; block++)
          if (sources[block] === source) sources[block] = null
      }
    }
  }

  #digests(parts: readonly Uint8Array[]): Uint8Array[] {
    const digests: Uint8Array[] = []
    for (const part of parts) {
      for (let at = 0; at < part.length; at += BLOCK_LENGTH) {
        digests.push(this.#digest.sha256(part.subarray(at, at + BLOCK_LENGTH)))
      }
    }
    return digests
  }
}

const NOBODY: ReadonlySet<object> = new Set()

function accuse(attempts: readonly Attempt[], good: readonly Uint8Array[]): Set<object> {
  const liars = new Set<object>()
  for (const { digests, sources } of attempts) {
    for (let block = 0; block < good.length; block++) {
      const source = sources[block]
      if (source && !equalBytes(digests[block]!, good[block]!)) liars.add(source)
    }
  }
  return liars
}
