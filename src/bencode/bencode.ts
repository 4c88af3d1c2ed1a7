import { utf8Text } from '../core/bytes.ts'

/**
 * A bencoded value (BEP 3). An integer is a `number` where a number holds it exactly, else a `bigint` of at most
 * 64 bits: nothing is ever rounded. A string is its bytes.
 */
export type Bencode = number | bigint | Uint8Array | Bencode[] | BencodeDict

interface Entry {
  readonly value: Bencode
  readonly start: number
  readonly end: number
}

/**
 * A dictionary as it was read. Keys are byte strings, given as text with one character a byte (latin1), so that
 * `__proto__` and bytes that are not UTF-8 are keys like all others. Of a key that is there twice, the first counts.
 */
export class BencodeDict {
  /** Bounded by the token limit of the decoder. */
  readonly #entries = new Map<string, Entry>()
  readonly #source: Uint8Array

  /** For the decoder: `source` is what the spans of values point into. */
  constructor(source: Uint8Array) {
    this.#source = source
  }

  get size(): number {
    return this.#entries.size
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  get(key: string): Bencode | undefined {
    return this.#entries.get(key)?.value
  }

  /** The bytes of a key's value exactly as they were received, as a view; null where the key is not there. */
  rawOf(key: string): Uint8Array | null {
    const entry = this.#entries.get(key)
    return entry ? this.#source.subarray(entry.start, entry.end) : null
  }

  /** In the order in which they were received. */
  keys(): IterableIterator<string> {
    return this.#entries.keys()
  }

  /** In the order in which they were received. */
  *entries(): Generator<[key: string, value: Bencode]> {
    for (const [key, entry] of this.#entries) yield [key, entry.value]
  }

  /** For the decoder: `start` to `end` is the value's place. False where the key was there before. */
  add(key: string, value: Bencode, start: number, end: number): boolean {
    if (this.#entries.has(key)) return false
    this.#entries.set(key, { value, start, end })
    return true
  }
}

/**
 * The readers below answer null for a value that is not there or is of another type. Whoever reads what a stranger
 * wrote asks through them, and so never takes a number for bytes.
 */

export function asBytes(value: Bencode | undefined): Uint8Array | null {
  return value instanceof Uint8Array ? value : null
}

/** A string as UTF-8; what is not valid becomes U+FFFD. */
export function asText(value: Bencode | undefined): string | null {
  return value instanceof Uint8Array ? utf8Text(value) : null
}

/** Only integers that a number holds exactly. */
export function asInteger(value: Bencode | undefined): number | null {
  return typeof value === 'number' ? value : null
}

export function asList(value: Bencode | undefined): readonly Bencode[] | null {
  return Array.isArray(value) ? value : null
}

export function asDict(value: Bencode | undefined): BencodeDict | null {
  return value instanceof BencodeDict ? value : null
}
