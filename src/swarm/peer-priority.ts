import { type Address, hostBytes } from '../core/address.ts'
import { compareBytes, concatBytes } from '../core/bytes.ts'

/** The Castagnoli polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78
/** Of the bytes behind those that tell networks apart every other bit counts. */
const SPARSE = 0x55

/**
 * Canonical peer priority (BEP 40): how much two peers of a swarm are meant for each other, from 0 to 2^32 - 1. Both
 * come to the same number, and nobody can choose an address that is preferred by all. Null between families.
 */
export function peerPriority(a: Address, b: Address): number | null {
  if (a.family !== b.family) return null
  if (a.host === b.host) return crc32c(joined(portBytes(a), portBytes(b)))
  const [ofA, ofB] = [hostBytes(a.host), hostBytes(b.host)]
  const whole = wholeBytes(ofA, ofB)
  return crc32c(joined(masked(ofA, whole), masked(ofB, whole)))
}

/** CRC-32C (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  }
  return ~crc >>> 0
}

/** How many leading bytes count with all their bits: a network's, and one more for each that the two have in common. */
function wholeBytes(a: Uint8Array, b: Uint8Array): number {
  let whole = a.length === 4 ? 2 : 6
  while (whole < a.length && compareBytes(a.subarray(0, whole), b.subarray(0, whole)) === 0) whole++
  return whole
}

function masked(host: Uint8Array, whole: number): Uint8Array {
  return host.map((byte, i) => (i < whole ? byte : byte & SPARSE))
}

function portBytes({ port }: Address): Uint8Array {
  return Uint8Array.of(port >> 8, port & 255)
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareBytes(a, b) <= 0 ? concatBytes([a, b]) : concatBytes([b, a])
}
