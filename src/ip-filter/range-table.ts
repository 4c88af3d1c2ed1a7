import { type AddressWords, compareWords } from './address-words.ts'

/** Sorted ranges of addresses of one family, in typed arrays: 8 bytes a range for IPv4, 32 for IPv6. */
export class RangeTable {
  /** 32-bit words of an address: 1 or 4. */
  readonly #width: number
  readonly #starts: Uint32Array
  readonly #ends: Uint32Array
  readonly #count: number

  /**
   * `starts`, `ends`: the words of each address, both ends included, in any order. Ranges that overlap or touch become one.
   */
  constructor(width: 1 | 4, starts: readonly number[], ends: readonly number[]) {
    this.#width = width
    const given = starts.length / width
    const order = Uint32Array.from({ length: given }, (_, i) => i)
    // Lists come sorted, mostly: then there is nothing to sort.
    if (!isSorted(starts, width)) order.sort((a, b) => compareWords(starts, a, starts, b, width))
    const ends32 = new Uint32Array(ends.length)
    const starts32 = new Uint32Array(starts.length)
    let last = -1
    for (const index of order) {
      if (last >= 0 && touches(ends32, last, starts, index, width)) {
        if (compareWords(ends, index, ends32, last, width) > 0) copy(ends, index, ends32, last, width)
        continue
      }
      last++
      copy(starts, index, starts32, last, width)
      copy(ends, index, ends32, last, width)
    }
    this.#count = last + 1
    this.#starts = starts32.slice(0, this.#count * width)
    this.#ends = ends32.slice(0, this.#count * width)
  }

  get size(): number {
    return this.#count
  }

  has(words: AddressWords): boolean {
    let low = 0
    let high = this.#count
    // The last range that begins at the address or before it.
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareWords(this.#starts, middle, words, 0, this.#width) <= 0) low = middle + 1
      else high = middle
    }
    return low > 0 && compareWords(words, 0, this.#ends, low - 1, this.#width) <= 0
  }
}

type Words = ArrayLike<number>

/** Whether a start is within a range that ends there, or right behind it. */
function touches(ends: Words, i: number, starts: Words, j: number, width: number): boolean {
  if (compareWords(starts, j, ends, i, width) <= 0) return true
  const last = width - 1
  if (starts[j * width + last]! !== ends[i * width + last]! + 1) return false
  for (let word = 0; word < last; word++)
    if (starts[j * width + word] !== ends[i * width + word]) return false
  return true
}

function isSorted(starts: Words, width: number): boolean {
  for (let i = 1; i < starts.length / width; i++) {
    if (compareWords(starts, i - 1, starts, i, width) > 0) return false
  }
  return true
}

function copy(from: Words, i: number, to: Uint32Array, j: number, width: number): void {
  for (let word = 0; word < width; word++) to[j * width + word] = from[i * width + word]!
}
