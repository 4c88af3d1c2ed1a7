/** Which addresses may belong to one owner, who is to have one voice and not many. */

import { type Address, formatAddress, hostBytes } from '../core/address.ts'
import { formatHex } from '../core/bytes.ts'
import { scopeOf } from '../core/scope.ts'

/** The /24 of an IPv4 address, the /64 of an IPv6 one. Null for those that only we or our network reach. */
export function subnetOf(host: string): string | null {
  return prefixOf(host, 3, 8)
}

/** The /16 of an IPv4 address, the /32 of an IPv6 one. Null likewise. */
export function wideNetworkOf(host: string): string | null {
  return prefixOf(host, 2, 4)
}

/** Whom limits on one source are for: a host (of IPv6 its /64); on this machine or network each port by itself. */
export function sourceOf(address: Address): string {
  if (scopeOf(address.host) !== 'global') return formatAddress(address)
  return address.family === 4 ? address.host : prefixOf(address.host, 3, 8)!
}

function prefixOf(host: string, ipv4Bytes: number, ipv6Bytes: number): string | null {
  if (scopeOf(host) !== 'global') return null
  const bytes = hostBytes(host)
  return formatHex(bytes.subarray(0, bytes.length === 4 ? ipv4Bytes : ipv6Bytes))
}
