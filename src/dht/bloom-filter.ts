import { hostBytes } from '../core/address.ts'
import type { Digest } from '../core/ports.ts'

const BITS = 2048
const HASHES = 2

/** A set of IP addresses that can be counted, and joined with others, but not read (BEP 33). */
export class BloomFilter {
  /** 256. */
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array = new Uint8Array(BITS / 8)) {
    this.bytes = bytes
  }

  /** Null for anything but 256 bytes, which are copied. */
  static from(bytes: Uint8Array | null): BloomFilter | null {
    return bytes?.length === BITS / 8 ? new BloomFilter(bytes.slice()) : null
  }

  add(host: string, digest: Digest): void {
    const hash = digest.sha1(hostBytes(host))
    for (let i = 0; i < HASHES; i++) {
      const bit = (hash[2 * i]! | (hash[2 * i + 1]! << 8)) % BITS
      this.bytes[bit >> 3] = this.bytes[bit >> 3]! | (1 << (bit & 7))
    }
  }

  join(other: BloomFilter): void {
    for (const [i, byte] of other.bytes.entries()) this.bytes[i] = this.bytes[i]! | byte
  }

  /** How many addresses were added, about. Beyond 6000 it says little. */
  estimate(): number {
    let zeros = 0
    for (const byte of this.bytes) for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) === 0) zeros++
    const counted = Math.max(1, Math.min(BITS - 1, zeros))
    const size = Math.log(counted / BITS) / (HASHES * Math.log(1 - 1 / BITS))
    return zeros === BITS ? 0 : size
  }
}
