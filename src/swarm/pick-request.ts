import type { Bitfield } from '../core/bitfield.ts'
import type { HoldsUp } from './open-piece.ts'

export interface PickedBlock {
  readonly piece: number
  readonly block: number
}

/** Whom blocks are picked for. */
export interface PickRequest {
  /** Who will be asked; any object that is the same every time. */
  readonly peer: object
  readonly has: Bitfield
  /** How many blocks, at most. */
  readonly count: number
  /** Asked before a new piece is begun, to get its memory; false ends the picking of new pieces. Always, by default. */
  readonly mayOpen?: (piece: number) => boolean
  /** Only pieces for which this is true. All, by default. */
  readonly allowed?: (piece: number) => boolean
  /** Only these pieces, which are few: allowed fast (BEP 6) while choked. All, by default. */
  readonly only?: ReadonlySet<number> | null
  /** Begun before others that are as rare (BEP 6). None, by default. */
  readonly suggested?: ReadonlySet<number> | null
  /**
   * A slow peer goes on with pieces that only slow ones are at, or begins one, rather than hold up those of fast ones.
   * With one fast peer and twenty of a hundredth of its rate, a third less is partial at a time.
   */
  readonly isSlow?: boolean
  /**
   * Whether somebody holds up what it was asked for. An urgent block is then asked of a second peer, and in the endgame
   * any that two hold up of a third. Given only where the peer itself is known not to. Nobody, by default.
   */
  readonly holdsUp?: HoldsUp
  /** How many blocks it may be asked for in the endgame that another was asked for. As many as may be, by default. */
  readonly duplicates?: number
  /** Of how many blocks at most it may take another's place. As many as there are, by default. */
  readonly replaces?: number
  /** Told of a peer whose place this one took: it is asked for the block no more. */
  readonly replaced?: (peer: object, block: PickedBlock) => void
}
