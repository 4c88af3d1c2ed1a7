/**
 * Where somebody can be reached: an IP address, never a name, and a port. Names are resolved by L4, so that whatever
 * is here has been looked at. Compact forms: BEP 23 (IPv4), BEP 7 (IPv6).
 */

import { readU16, writeU16 } from './bytes.ts'
import { FormatError } from './errors.ts'
import { hostBytes, hostFromBytes } from './ip.ts'

export { hostBytes, hostFromBytes, isHost } from './ip.ts'
export { type Scope, scopeOf } from './scope.ts'

export type Family = 4 | 6

export interface Address {
  /** Canonical text: dotted decimal, or RFC 5952. An IPv4 address mapped into IPv6 is written as IPv4. */
  readonly host: string
  /** 0 to 65535; 0 only where "any free port" is meant. */
  readonly port: number
  readonly family: Family
}

/** Checks both and brings the host into its canonical form. Throws `FormatError` `address-invalid`. */
export function address(host: string, port: number): Address {
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new FormatError(
      'address-invalid',
      `${port} is not a port: a whole number from 0 to 65535 is needed`,
    )
  }
  return fromBytes(hostBytes(host), port)
}

/**
 * Reads `1.2.3.4:80` or `[::1]:80`. With `defaultPort` the port may be missing, and so may the brackets of an IPv6
 * address then. Throws `FormatError` `address-invalid`.
 */
export function parseAddress(text: string, defaultPort?: number): Address {
  const [host, portText] = splitPort(text)
  if (portText !== null) {
    if (!/^[0-9]{1,5}$/.test(portText)) throw invalid(text)
    return address(host, Number(portText))
  }
  if (defaultPort === undefined) throw invalid(text)
  return address(host, defaultPort)
}

/** `1.2.3.4:80`, `[::1]:80`. One address has one such text, so it serves as a map's key. */
export function formatAddress(a: Address): string {
  return a.family === 4 ? `${a.host}:${a.port}` : `[${a.host}]:${a.port}`
}

/** 6 bytes for IPv4, 18 for IPv6: the host, then the port. */
export function encodeCompact(a: Address): Uint8Array {
  const host = hostBytes(a.host)
  const bytes = new Uint8Array(host.length + 2)
  bytes.set(host)
  writeU16(bytes, host.length, a.port)
  return bytes
}

/**
 * Reads 6 or 18 bytes. An IPv4 address mapped into 18 bytes comes out as IPv4. Throws `FormatError`
 * `address-invalid` where the bytes end too early.
 */
export function decodeCompact(bytes: Uint8Array, at: number, family: Family): Address {
  const hostLength = family === 4 ? 4 : 16
  if (at + hostLength + 2 > bytes.length) {
    throw new FormatError('address-invalid', 'a compact address ends too early', { offset: at })
  }
  return fromBytes(bytes.subarray(at, at + hostLength), readU16(bytes, at + hostLength))
}

/** Whether it stands for all addresses of a machine: `0.0.0.0`, `::`. */
export function isEverywhere({ host }: Address): boolean {
  return host === '0.0.0.0' || host === '::'
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.port === b.port && a.host === b.host
}

function fromBytes(bytes: Uint8Array, port: number): Address {
  const host = hostFromBytes(bytes)
  return { host, port, family: host.includes(':') ? 6 : 4 }
}

function splitPort(text: string): [host: string, port: string | null] {
  if (text.startsWith('[')) {
    const end = text.indexOf(']')
    const rest = text.slice(end + 1)
    if (end < 0 || (rest !== '' && !rest.startsWith(':'))) throw invalid(text)
    const host = text.slice(1, end)
    if (!host.includes(':')) throw invalid(text)
    return [host, rest === '' ? null : rest.slice(1)]
  }
  const colon = text.indexOf(':')
  if (colon < 0 || text.indexOf(':', colon + 1) >= 0) return [text, null]
  return [text.slice(0, colon), text.slice(colon + 1)]
}

function invalid(text: string): FormatError {
  const shown = text.slice(0, 80)
  return new FormatError(
    'address-invalid',
    `"${shown}" is not an address such as 192.0.2.1:6881 or [2001:db8::1]:6881`,
  )
}
