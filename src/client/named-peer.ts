import type { Address } from '../core/address.ts'
import type { PeerWord } from '../swarm/peer-book.ts'

/** A peer that someone named, and what was said of it. */
export interface NamedPeer extends PeerWord {
  readonly address: Address
}
