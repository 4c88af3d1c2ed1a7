import type { Bitfield } from '../core/bitfield.ts'

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
  /** Only pieces for which this is true: allowed fast (BEP 6) while choked. All, by default. */
  readonly allowed?: (piece: number) => boolean
  /**
   * A slow peer goes on with pieces that only slow ones are at, or begins one, rather than hold up those of fast ones.
   * With one fast peer and twenty of a hundredth of its rate, a third less is partial at a time.
   */
  readonly isSlow?: boolean
  /** It has sent something, and is not slow: in the endgame it is asked also where two are that are not so. */
  readonly isProven?: boolean
  /** Whether somebody holds up what it was asked for. An urgent block is then asked of a second peer. Nobody, by default. */
  readonly holdsUp?: (peer: object) => boolean
}
