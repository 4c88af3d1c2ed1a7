import type { Bitfield } from '../core/bitfield.ts'
import type { ProtocolError } from '../core/errors.ts'
import type { Rate } from '../core/rate.ts'
import type { Account } from './bandwidth.ts'
import type { RequestQueue } from './request-queue.ts'

/**
 * Somebody blocks can be asked of: a peer on the wire, a server that has the files. What it is asked is kept in its
 * request queue, and paid for from its account; how it is asked is its own affair.
 */
export interface BlockSource {
  readonly has: Bitfield
  /** What was asked of it. */
  readonly requests: RequestQueue
  readonly download: Account
  /** Of payload. */
  readonly downloadRate: Rate
  /** It sends far less than the fastest one: it had better not be asked for blocks of pieces that others are at. */
  isSlow: boolean
  /** A request came to nothing: it is not asked again before the next tick. */
  isPaused: boolean
  /** It has something that we want, and answers requests. */
  readonly mayBeAsked: boolean
  /** Where there are few: the only pieces that it gives now. */
  readonly only?: ReadonlySet<number> | null
  /** What it would rather send than other pieces. */
  readonly suggested?: ReadonlySet<number>
  /** While it may be asked at all: whether for this piece. */
  gives(piece: number): boolean
  request(piece: number, begin: number, length: number): void
  /** The block came from someone else. */
  cancel(piece: number, begin: number, length: number): void
  /** It is done with, for a reason that has a name. The torrent is told that it left before this returns. */
  close(reason: ProtocolError): void
}
