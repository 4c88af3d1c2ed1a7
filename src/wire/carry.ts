import { NO_BYTES } from '../core/bytes.ts'

/**
 * Bytes that wait for what comes after them, such as the start of a message. Grows with the bytes that came, never
 * with what a length prefix claims.
 */
export class Carry {
  #bytes: Uint8Array = NO_BYTES
  #length = 0

  get length(): number {
    return this.#length
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  append(source: Uint8Array, from: number, to: number): void {
    const length = this.#length + to - from
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(
        Math.max(FIRST_LENGTH, length, Math.min(2 * this.#bytes.length, 2 * length)),
      )
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
    }
    if (to - from < FEW) for (let i = from; i < to; i++) this.#bytes[this.#length++] = source[i]!
    else {
      this.#bytes.set(source.subarray(from, to), this.#length)
      this.#length = length
    }
  }

  /** Empties it; its memory is used again. */
  clear(): void {
    this.#length = 0
  }

  /** Empties it; its memory now belongs to whoever has views on it. */
  release(): void {
    this.#length = 0
    this.#bytes = NO_BYTES
  }
}

/** Fits every message but bitfields, extended messages and those about hashes. */
const FIRST_LENGTH = 32

/** A split header is copied faster byte by byte than through a view. */
const FEW = 32
