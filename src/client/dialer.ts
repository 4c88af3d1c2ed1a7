import type { Address } from '../core/address.ts'

/** Opens connections for torrents. */
export interface Dialer<Home> {
  /** Whether it may dial now; else its `connectMore` is called when it is its turn. */
  mayDial(home: Home): boolean
  /** It waits for its turn to dial. */
  isWaiting(home: Home): boolean
  dial(home: Home, to: Address, expectedPeerId: Uint8Array | null): void
}
