/** NAT-PMP as datagrams (RFC 6886). Its answers are told from those of PCP by their first byte. */

import { type Address, address, hostFromBytes } from '../core/address.ts'
import { readU16, readU32, writeU16, writeU32 } from '../core/bytes.ts'
import type { Transport } from './port-mapping.ts'

/** Where a router listens, for PCP too. */
export const GATEWAY_PORT = 5351

/** Where routers tell everybody that their address has changed, or that they begin anew; by PCP too. */
export const ANNOUNCEMENTS: Address = address('224.0.0.1', 5350)

const OPCODES: readonly (Transport | 'address')[] = ['address', 'udp', 'tcp']
const ANSWER = 128

export interface NatPmpOrder {
  readonly transport: Transport
  readonly internalPort: number
  /** Wished for; 0 leaves it to the router. */
  readonly externalPort: number
  /** 0 takes the mapping back. */
  readonly lifetimeSeconds: number
}

export type NatPmpAnswer =
  | { readonly kind: 'address'; readonly epoch: number; readonly externalHost: string }
  | ({ readonly kind: 'mapped'; readonly epoch: number } & NatPmpOrder)
  | {
      readonly kind: 'refused'
      readonly epoch: number
      /** What was refused; null where the opcode is none that was ever sent. */
      readonly what: Transport | 'address' | null
      /** Not 0. */
      readonly result: number
      /** Of the mapping, where the answer is long enough to say it. */
      readonly internalPort: number | null
    }

/** A router that speaks NAT-PMP alone refuses PCP with this. */
export const NAT_PMP_UNSUPPORTED_VERSION = 1

const RESULTS = [
  'success',
  'it does not speak this version',
  'it does not allow it',
  'it has no address of its own',
  'it has no more room',
  'it does not know the request',
]

export function natPmpReason(result: number): string {
  return RESULTS[result] ?? `result ${result}`
}

export function encodeAddressRequest(): Uint8Array {
  return new Uint8Array(2)
}

export function encodeNatPmpMap(order: NatPmpOrder): Uint8Array {
  const bytes = new Uint8Array(12)
  bytes[1] = OPCODES.indexOf(order.transport)
  writeU16(bytes, 4, order.internalPort)
  writeU16(bytes, 6, order.externalPort)
  writeU32(bytes, 8, order.lifetimeSeconds)
  return bytes
}

/** Null for what is no answer. Longer ones are read as far as they are known. */
export function decodeNatPmpAnswer(bytes: Uint8Array): NatPmpAnswer | null {
  if (bytes.length < 8 || bytes[0] !== 0 || bytes[1]! < ANSWER) return null
  const what = OPCODES[bytes[1]! - ANSWER] ?? null
  const result = readU16(bytes, 2)
  const epoch = readU32(bytes, 4)
  if (result !== 0) {
    const isMap = what !== 'address' && bytes.length >= 10
    return { kind: 'refused', epoch, what, result, internalPort: isMap ? readU16(bytes, 8) : null }
  }
  if (what === 'address')
    return bytes.length < 12
      ? null
      : { kind: 'address', epoch, externalHost: hostFromBytes(bytes.subarray(8, 12)) }
  if (what === null || bytes.length < 16) return null
  return {
    kind: 'mapped',
    epoch,
    transport: what,
    internalPort: readU16(bytes, 8),
    externalPort: readU16(bytes, 10),
    lifetimeSeconds: readU32(bytes, 12),
  }
}
