/** The messages by which two peers that nobody can dial are led to dial each other (BEP 55). */

import { type Address, decodeCompact, encodeCompact } from '../core/address.ts'
import { readU32 } from '../core/bytes.ts'

const RENDEZVOUS = 0
const CONNECT = 1
const ERROR = 2

const IPV4 = 0
const IPV6 = 1

/** Of the error messages of BEP 55, by their number. */
const REASONS = ['no-such-peer', 'not-connected', 'no-support', 'no-self'] as const

export type HolepunchReason = (typeof REASONS)[number]

export type HolepunchMessage =
  /** To one who knows both: have me and this peer dial each other. */
  | { readonly type: 'rendezvous'; readonly peer: Address }
  /** From one who knows both: dial this peer over uTP now. */
  | { readonly type: 'connect'; readonly peer: Address }
  /** Nothing comes of the rendezvous. Null: for a reason that BEP 55 does not know. */
  | { readonly type: 'error'; readonly peer: Address; readonly reason: HolepunchReason | null }

export function encodeHolepunchMessage(message: HolepunchMessage): Uint8Array {
  const peer = encodeCompact(message.peer)
  const bytes = new Uint8Array(2 + peer.length + 4)
  bytes[0] = message.type === 'rendezvous' ? RENDEZVOUS : message.type === 'connect' ? CONNECT : ERROR
  bytes[1] = message.peer.family === 4 ? IPV4 : IPV6
  bytes.set(peer, 2)
  if (message.type === 'error' && message.reason !== null)
    bytes[bytes.length - 1] = REASONS.indexOf(message.reason) + 1
  return bytes
}

/**
 * Null for what is no such message. The error code may be missing where there is no error: libtorrent leaves it out.
 * What follows the message is passed over.
 */
export function decodeHolepunchMessage(payload: Uint8Array): HolepunchMessage | null {
  const [kind, family] = payload
  if (kind === undefined || kind > ERROR || (family !== IPV4 && family !== IPV6)) return null
  const end = 2 + (family === IPV4 ? 6 : 18)
  if (payload.length < end) return null
  const peer = decodeCompact(payload, 2, family === IPV4 ? 4 : 6)
  if (peer.port === 0) return null
  if (kind === RENDEZVOUS) return { type: 'rendezvous', peer }
  if (kind === CONNECT) return { type: 'connect', peer }
  if (payload.length < end + 4) return null
  return { type: 'error', peer, reason: REASONS[readU32(payload, end) - 1] ?? null }
}
