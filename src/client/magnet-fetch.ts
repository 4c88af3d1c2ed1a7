import { equalBytes } from '../core/bytes.ts'
import { ProtocolError } from '../core/errors.ts'
import type { InfoHashes } from '../core/ids.ts'
import type { Digest } from '../core/ports.ts'
import { METADATA_PIECE_LENGTH } from '../wire/ut-metadata.ts'
import { CLIENT_LIMITS } from './limits.ts'

/** A connection, as far as metadata is fetched over it. */
export interface MetadataSource {
  requestMetadata(piece: number): void
  close(reason: ProtocolError): void
}

/** Pieces asked of one peer at a time, and how long it may take for one. */
const PIECES_AT_A_TIME = 4
const PATIENCE = 15_000
/** Copies that are fetched side by side, and how long one may take while others wait for its place. */
const COPIES_AT_A_TIME = 3
const TURN = 30_000

interface Attempt {
  readonly source: MetadataSource
  readonly pieces: (Uint8Array | null)[]
  readonly length: number
  /** Pieces asked for and not come, and the next to ask for. */
  outstanding: number
  next: number
  lateAt: number
  readonly turnEndsAt: number
}

/**
 * Fetches an info dictionary from peers (BEP 9). Each peer is asked for a whole copy of its own, a few at a time, so
 * that a wrong one is the fault of exactly one peer; what its hash proves is taken, and memory grows only with bytes
 * that came. Bounded by `metadataLength` and by three copies at a time.
 *
 * Nobody keeps a place by sending a little now and then: while others wait, a copy gives up its place after a turn,
 * but for the one of which the largest share came, so that large metadata from slow peers comes to an end too.
 */
export class MagnetFetch {
  readonly #hashes: InfoHashes
  readonly #digest: Digest
  readonly #done: (info: Uint8Array) => void
  /** Bounded by `COPIES_AT_A_TIME`. */
  readonly #attempts = new Map<MetadataSource, Attempt>()
  /** Who offered metadata and waits for its turn. Bounded by the connections of the torrent. */
  readonly #offers = new Map<MetadataSource, number>()
  #isDone = false

  constructor(options: { hashes: InfoHashes; digest: Digest; done: (info: Uint8Array) => void }) {
    this.#hashes = options.hashes
    this.#digest = options.digest
    this.#done = options.done
  }

  /** A peer said how long the metadata is; null where it has none or does not say. */
  offered(source: MetadataSource, length: number | null, now: number): void {
    if (this.#isDone || length === null || this.#attempts.has(source)) return
    if (length <= 0 || length > CLIENT_LIMITS.metadataLength) {
      source.close(new ProtocolError('metadata-size', `it says that the metadata has ${length} bytes`))
      return
    }
    this.#offers.set(source, length)
    this.#begin(now)
  }

  received(source: MetadataSource, piece: number, bytes: Uint8Array, now: number): void {
    const attempt = this.#attempts.get(source)
    if (!attempt || piece >= attempt.next || attempt.pieces[piece] !== null) return
    const expected = Math.min(METADATA_PIECE_LENGTH, attempt.length - piece * METADATA_PIECE_LENGTH)
    if (bytes.length !== expected) {
      source.close(
        new ProtocolError('metadata-piece-length', `metadata piece ${piece} has ${bytes.length} bytes`),
      )
      return
    }
    attempt.pieces[piece] = bytes.slice()
    attempt.outstanding--
    attempt.lateAt = now + PATIENCE
    if (attempt.pieces.every(have => have !== null)) this.#judge(attempt, now)
    else this.#ask(attempt)
  }

  /** It does not have it after all. */
  rejected(source: MetadataSource, now: number): void {
    this.left(source, now)
  }

  left(source: MetadataSource, now: number): void {
    this.#offers.delete(source)
    if (this.#attempts.delete(source)) this.#begin(now)
  }

  /** Who keeps us waiting, or had its turn, gives its place to another. */
  tick(now: number): void {
    for (const [attempt, endsAt] of this.#ends()) {
      if (now < endsAt) continue
      this.#attempts.delete(attempt.source)
      this.#offers.set(attempt.source, attempt.length)
    }
    this.#begin(now)
  }

  deadline(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#ends().map(([, endsAt]) => endsAt))
  }

  /** When each copy is to be given up. */
  #ends(): [Attempt, number][] {
    const attempts = [...this.#attempts.values()]
    const furthest = attempts.reduce<Attempt | null>(
      (best, attempt) => (best && shareOf(best) >= shareOf(attempt) ? best : attempt),
      null,
    )
    return attempts.map(attempt => {
      const hasTurn = attempt === furthest || this.#offers.size === 0
      return [attempt, hasTurn ? attempt.lateAt : Math.min(attempt.lateAt, attempt.turnEndsAt)]
    })
  }

  #begin(now: number): void {
    for (const [source, length] of this.#offers) {
      if (this.#isDone || this.#attempts.size >= COPIES_AT_A_TIME) return
      this.#offers.delete(source)
      const count = Math.ceil(length / METADATA_PIECE_LENGTH)
      const pieces = Array.from<Uint8Array | null>({ length: count }).fill(null)
      const [lateAt, turnEndsAt] = [now + PATIENCE, now + TURN]
      const attempt: Attempt = { source, pieces, length, outstanding: 0, next: 0, lateAt, turnEndsAt }
      this.#attempts.set(source, attempt)
      this.#ask(attempt)
    }
  }

  #ask(attempt: Attempt): void {
    while (attempt.outstanding < PIECES_AT_A_TIME && attempt.next < attempt.pieces.length) {
      attempt.source.requestMetadata(attempt.next++)
      attempt.outstanding++
    }
  }

  #judge(attempt: Attempt, now: number): void {
    this.#attempts.delete(attempt.source)
    const info = new Uint8Array(attempt.length)
    attempt.pieces.forEach((piece, index) => {
      if (piece) info.set(piece, index * METADATA_PIECE_LENGTH)
    })
    if (this.#isRight(info)) {
      this.#isDone = true
      this.#attempts.clear()
      this.#offers.clear()
      this.#done(info)
      return
    }
    attempt.source.close(
      new ProtocolError('metadata-corrupt', 'its metadata does not have the info-hash', { severity: 'ban' }),
    )
    this.#begin(now)
  }

  /** Every hash that the magnet names must be right. */
  #isRight(info: Uint8Array): boolean {
    const { v1, v2 } = this.#hashes
    if (v1 && !equalBytes(this.#digest.sha1(info), v1)) return false
    return !v2 || equalBytes(this.#digest.sha256(info), v2)
  }
}

/** How much of a copy came. */
function shareOf({ next, outstanding, pieces }: Attempt): number {
  return (next - outstanding) / pieces.length
}
