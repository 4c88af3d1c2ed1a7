/** A set of indices below a fixed length, in the wire's form: the first index is the top bit of the first byte (BEP 3). */
export class Bitfield {
  readonly length: number
  #bytes: Uint8Array
  #count = 0

  constructor(length: number) {
    this.length = length
    this.#bytes = new Uint8Array(byteLength(length))
  }

  /** A copy of the wire's form; null where it has the wrong size or a spare bit is set. */
  static fromBytes(bytes: Uint8Array, length: number): Bitfield | null {
    if (bytes.length !== byteLength(length)) return null
    const spare = bytes.length * 8 - length
    if (spare > 0 && (bytes.at(-1)! & ((1 << spare) - 1)) !== 0) return null
    const bits = new Bitfield(length)
    bits.#bytes.set(bytes)
    for (const byte of bytes) bits.#count += ONES[byte]!
    return bits
  }

  static full(length: number): Bitfield {
    const bits = new Bitfield(length)
    bits.setAll()
    return bits
  }

  /** How many indices are in the set. */
  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count === this.length
  }

  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** False for an index that does not exist. */
  has(index: number): boolean {
    return (this.#bytes[index >> 3]! & (0x80 >> (index & 7))) !== 0
  }

  /** True where it was not there before. */
  set(index: number): boolean {
    this.#check(index)
    if (this.has(index)) return false
    this.#bytes[index >> 3]! |= 0x80 >> (index & 7)
    this.#count++
    return true
  }

  /** True where it was there before. */
  clear(index: number): boolean {
    this.#check(index)
    if (!this.has(index)) return false
    this.#bytes[index >> 3]! &= ~(0x80 >> (index & 7))
    this.#count--
    return true
  }

  setAll(): void {
    this.#bytes.fill(0xff)
    const spare = this.#bytes.length * 8 - this.length
    if (spare > 0) this.#bytes[this.#bytes.length - 1] = 0xff << spare
    this.#count = this.length
  }

  clearAll(): void {
    this.#bytes.fill(0)
    this.#count = 0
  }

  /** The first index from `from` on that is not in the set; -1 where there is none. */
  firstClear(from = 0): number {
    for (let index = from; index < this.length; index++) {
      if ((index & 7) === 0 && this.#bytes[index >> 3] === 0xff) index += 7
      else if (!this.has(index)) return index
    }
    return -1
  }

  /** Adds all that another set of the same length has. */
  addAll(other: Bitfield): void {
    for (let at = 0; at < this.#bytes.length; at++) {
      const before = this.#bytes[at]!
      const after = before | other.#bytes[at]!
      this.#bytes[at] = after
      this.#count += ONES[after]! - ONES[before]!
    }
  }

  /** How many are in both this set and another of the same length. */
  countCommon(other: Bitfield): number {
    let common = 0
    for (let at = 0; at < this.#bytes.length; at++) common += ONES[this.#bytes[at]! & other.#bytes[at]!]!
    return common
  }

  /** Whether another set of the same length has all of this one. */
  isSubsetOf(other: Bitfield): boolean {
    return this.#bytes.every((byte, at) => (byte & ~other.#bytes[at]!) === 0)
  }

  /** The indices in the set, rising. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (let at = 0; at < this.#bytes.length; at++) {
      if (this.#bytes[at] === 0) continue
      const end = Math.min(8 * at + 8, this.length)
      for (let index = 8 * at; index < end; index++) if (this.has(index)) yield index
    }
  }

  /** A copy in the wire's form. */
  bytes(): Uint8Array {
    return this.#bytes.slice()
  }

  clone(): Bitfield {
    const copy = new Bitfield(this.length)
    copy.#bytes.set(this.#bytes)
    copy.#count = this.#count
    return copy
  }

  #check(index: number): void {
    if (index < 0 || index >= this.length) throw new RangeError(`no bit ${index} among ${this.length}`)
  }
}

/** How many bytes hold so many bits. */
function byteLength(bits: number): number {
  return Math.ceil(bits / 8)
}

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length)
