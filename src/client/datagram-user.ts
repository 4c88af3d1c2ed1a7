import type { Address } from '../core/address.ts'

/** Who speaks a protocol over the UDP sockets of the session. */
export interface DatagramUser {
  /** Whether it was of this protocol. `datagram` is valid only during the call. */
  received(datagram: Uint8Array, from: Address, now: number): boolean
}
