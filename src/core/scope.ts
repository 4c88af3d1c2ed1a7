/** How far an IP address reaches: whom it may be told to, and whether it may be asked at all. */

import { hostBytes } from './ip.ts'

/**
 * `loopback`: this machine. `link-local`: this cable (and the metadata services of clouds). `private`: this network,
 * carrier-grade NAT included. `unusable`: nobody (unspecified, multicast, broadcast, reserved).
 * Documentation addresses count as global: they reach nobody, and tests may use them.
 */
export type Scope = 'loopback' | 'link-local' | 'private' | 'global' | 'unusable'

/** The scope of an IP address in any valid spelling. Throws `FormatError` `address-invalid`. */
export function scopeOf(host: string): Scope {
  const bytes = hostBytes(host)
  return bytes.length === 4 ? ipv4Scope(bytes) : ipv6Scope(bytes)
}

const WIDTHS: Readonly<Record<Scope, number>> = {
  loopback: 0,
  'link-local': 1,
  private: 2,
  global: 3,
  unusable: -1,
}

/** Whether who is at `from` may be able to reach `to`: from near one reaches far, and not the other way round. */
export function reaches(from: Scope, to: Scope): boolean {
  return from !== 'unusable' && WIDTHS[to] >= WIDTHS[from]
}

function ipv4Scope(bytes: Uint8Array): Scope {
  const a = bytes[0]!
  const b = bytes[1]!
  if (a === 127) return 'loopback'
  if (a === 169 && b === 254) return 'link-local'
  if (a === 10 || (a === 172 && b >> 4 === 1) || (a === 192 && b === 168)) return 'private' // RFC 1918
  if (a === 100 && b >> 6 === 1) return 'private' // RFC 6598, carrier-grade NAT
  if (a === 198 && b >> 1 === 9) return 'private' // RFC 2544, benchmarks inside a network
  if (a === 192 && b === 0 && bytes[2] === 0) return 'private' // RFC 6890, protocol assignments
  if (a === 0 || a >= 224) return 'unusable'
  return 'global'
}

function ipv6Scope(bytes: Uint8Array): Scope {
  const start = (bytes[0]! << 8) | bytes[1]!
  if (isZero(bytes, 0, 12)) return bytes[15] === 1 && isZero(bytes, 12, 15) ? 'loopback' : 'unusable'
  if ((start & 0xffc0) === 0xfe80) return 'link-local'
  if ((start & 0xffc0) === 0xfec0) return 'private' // RFC 3879, the old site-local
  if ((start & 0xfe00) === 0xfc00) return 'private' // RFC 4193
  if (start >>> 8 === 0xff) return 'unusable' // multicast
  if (start === 0x2002) return ipv4Scope(bytes.subarray(2, 6)) // 6to4, RFC 3056
  if (start === 0x0064 && bytes[2] === 0xff && bytes[3] === 0x9b) return nat64Scope(bytes)
  if (start >>> 8 === 0) return 'unusable' // 0000::/8 is reserved, but for what stands above
  return 'global'
}

/** 64:ff9b::/96 leads to the IPv4 address at its end (RFC 6052); 64:ff9b:1::/48 to wherever the network likes (RFC 8215). */
function nat64Scope(bytes: Uint8Array): Scope {
  return isZero(bytes, 4, 12) ? ipv4Scope(bytes.subarray(12)) : 'private'
}

function isZero(bytes: Uint8Array, from: number, end: number): boolean {
  for (let i = from; i < end; i++) if (bytes[i] !== 0) return false
  return true
}
