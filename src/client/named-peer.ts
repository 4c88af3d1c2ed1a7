import type { Address } from '../core/address.ts'

/** A peer that someone named. */
export interface NamedPeer {
  readonly address: Address
  /** The id it must have, where that was said too: 20 bytes. */
  readonly peerId?: Uint8Array
}
