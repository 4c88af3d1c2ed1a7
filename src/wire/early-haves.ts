import { Bitfield } from '../core/bitfield.ts'
import { ProtocolError } from '../core/errors.ts'
import { WIRE_LIMITS } from './limits.ts'
import { bitfieldSizeError } from './message-size.ts'
import type { PeerEvent } from './peer-event.ts'

/**
 * What a peer says it has while we do not know how many pieces there are (a magnet whose metadata is still to come).
 * Bounded by `unknownPieceCount` (bits of a bitfield), `heldHaves` and `heldAllowedFast`.
 */
export class EarlyHaves {
  /** As it came; its size is judged when the torrent's is known. */
  #stated: Uint8Array | 'all' | 'none' | null = null
  /** Since then, in order: a piece that was gained, or ~piece for one that was lost. */
  readonly #changes: number[] = []
  readonly #allowedFast = new Set<number>()

  /** All that the peer has; what it said before is void. */
  statement(what: Uint8Array | 'all' | 'none'): void {
    this.#stated = typeof what === 'string' ? what : what.slice()
    this.#changes.length = 0
  }

  have(piece: number): void {
    this.#change(piece, piece)
  }

  dontHave(piece: number): void {
    this.#change(piece, ~piece)
  }

  allowedFast(piece: number): void {
    if (this.#allowedFast.size < WIRE_LIMITS.heldAllowedFast) this.#allowedFast.add(piece)
  }

  /**
   * All of it as events, now that the number of pieces is known.
   * Throws `ProtocolError` `bitfield-size`, `bitfield-spare-bits` or `have-out-of-range`.
   */
  release(pieceCount: number): PeerEvent[] {
    const events: PeerEvent[] = []
    const bits = this.#statedBits(pieceCount)
    if (bits) events.push({ type: 'bitfield', bits })
    for (const change of this.#changes) events.push(changeEvent(change, pieceCount))
    for (const piece of this.#allowedFast)
      if (piece < pieceCount) events.push({ type: 'allowed-fast', piece })
    return events
  }

  #change(piece: number, change: number): void {
    if (piece >= WIRE_LIMITS.unknownPieceCount) throw haveRangeError(piece, WIRE_LIMITS.unknownPieceCount)
    if (this.#changes.length < WIRE_LIMITS.heldHaves) this.#changes.push(change)
  }

  #statedBits(pieceCount: number): Bitfield | null {
    if (this.#stated === null) return null
    if (this.#stated === 'all') return Bitfield.full(pieceCount)
    if (this.#stated === 'none') return new Bitfield(pieceCount)
    return readBitfield(this.#stated, pieceCount)
  }
}

/** Throws `ProtocolError` `bitfield-size` or `bitfield-spare-bits`. */
export function readBitfield(bytes: Uint8Array, pieceCount: number): Bitfield {
  const expected = Math.ceil(pieceCount / 8)
  if (bytes.length !== expected) throw bitfieldSizeError(bytes.length, expected)
  const bits = Bitfield.fromBytes(bytes, pieceCount)
  if (bits) return bits
  throw new ProtocolError('bitfield-spare-bits', 'BITFIELD has bits set behind its last piece')
}

export function haveRangeError(piece: number, pieceCount: number): ProtocolError {
  return new ProtocolError('have-out-of-range', `the peer speaks of having piece ${piece} of ${pieceCount}`)
}

function changeEvent(change: number, pieceCount: number): PeerEvent {
  const piece = change >= 0 ? change : ~change
  if (piece >= pieceCount) throw haveRangeError(piece, pieceCount)
  return { type: change >= 0 ? 'have' : 'dont-have', piece }
}
