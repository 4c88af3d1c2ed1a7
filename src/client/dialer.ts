import type { Address } from '../core/address.ts'

/** Opens connections for torrents. */
export interface Dialer<Home> {
  readonly mayDial: boolean
  dial(home: Home, to: Address, expectedPeerId: Uint8Array | null): void
}
