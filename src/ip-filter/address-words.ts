import { readU32 } from '../core/bytes.ts'

/** An IP address as 32-bit words: one of IPv4, four of IPv6. */
export type AddressWords = readonly number[]

/** Of 4 or 16 bytes. */
export function wordsOf(bytes: Uint8Array): AddressWords {
  if (bytes.length === 4) return [readU32(bytes, 0)]
  return [readU32(bytes, 0), readU32(bytes, 4), readU32(bytes, 8), readU32(bytes, 12)]
}

/** Compares the addresses at places `i` and `j` of two lists of addresses of `width` words: negative, 0 or positive. */
export function compareWords(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  j: number,
  width: number,
): number {
  for (let word = 0; word < width; word++) {
    const difference = a[i * width + word]! - b[j * width + word]!
    if (difference !== 0) return difference
  }
  return 0
}
