import { FormatError } from '../core/errors.ts'
import { latin1Text } from '../core/bytes.ts'
import { type Bencode, BencodeDict } from './bencode.ts'
import { BENCODE_LIMITS } from './limits.ts'

export interface DecodeOptions {
  /** Refuses what a correct encoder never writes: see `Oddity`. Default false. */
  readonly isStrict?: boolean
  /** Default: BENCODE_LIMITS.depth. */
  readonly depth?: number
  /** Default: BENCODE_LIMITS.tokens. */
  readonly tokens?: number
}

/**
 * Something that a correct encoder never writes but that can be read: keys out of order, a key twice, a number with
 * superfluous zeros or a minus zero, line ends behind the value.
 */
export interface Oddity {
  /** `bencode-unsorted-keys`, `bencode-duplicate-key`, `bencode-overlong-integer` or `bencode-trailing-bytes`. */
  readonly code: string
  /** For people. */
  readonly message: string
  /** In bytes from the start of the input. */
  readonly offset: number
}

export interface Decoded {
  readonly value: Bencode
  /** How many bytes the value took. */
  readonly length: number
  /** At most one of each kind: the first. */
  readonly oddities: readonly Oddity[]
}

/**
 * Reads the one value that `bytes` hold. Lenient unless told otherwise; line ends behind it are tolerated then, other
 * bytes never. Strings are views into `bytes`. Throws `FormatError` with a `bencode-…` code and the offset.
 */
export function decodeBencode(bytes: Uint8Array, options: DecodeOptions = {}): Bencode {
  return decodeBencodeWhole(bytes, options).value
}

/** As `decodeBencode`, and tells what was odd. */
export function decodeBencodeWhole(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
  const decoded = decodeBencodePrefix(bytes, options)
  if (decoded.length === bytes.length) return decoded
  const { length } = decoded
  const isLineEnd = bytes.subarray(length).every(byte => byte === 0x0a || byte === 0x0d)
  const error = fail('bencode-trailing-bytes', 'bytes follow the value', length)
  if (options.isStrict || !isLineEnd) throw error
  return { ...decoded, oddities: [...decoded.oddities, oddityOf(error)] }
}

/** Reads one value and says how long it was; what follows is not looked at (BEP 9 puts a piece behind it). */
export function decodeBencodePrefix(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
  const decoder = new Decoder(bytes, options)
  const value = decoder.value(0)
  return { value, length: decoder.at, oddities: decoder.oddities }
}

const COLON = 0x3a
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
const MINUS = 0x2d
const LETTER_D = 0x64
const LETTER_E = 0x65
const LETTER_I = 0x69
const LETTER_L = 0x6c

class Decoder {
  at = 0
  readonly oddities: Oddity[] = []
  readonly #bytes: Uint8Array
  readonly #isStrict: boolean
  readonly #depth: number
  #tokensLeft: number

  constructor(bytes: Uint8Array, options: DecodeOptions) {
    // A plain view, whose `slice` copies: that of a Buffer does not.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#isStrict = options.isStrict ?? false
    this.#depth = options.depth ?? BENCODE_LIMITS.depth
    this.#tokensLeft = options.tokens ?? BENCODE_LIMITS.tokens
  }

  value(depth: number): Bencode {
    this.#countToken()
    const first = this.#bytes[this.at]
    if (first === LETTER_D) return this.#dict(depth + 1)
    if (first === LETTER_L) return this.#list(depth + 1)
    if (first === LETTER_I) return this.#integer()
    if (isDigit(first)) return this.#string()
    if (first === undefined) throw this.#endOfInput()
    throw fail('bencode-unexpected-byte', `byte 0x${first.toString(16)} cannot start a value`, this.at)
  }

  #dict(depth: number): BencodeDict {
    this.#enter(depth)
    const dict = new BencodeDict(this.#bytes)
    let previous: string | null = null
    while (this.#bytes[this.at] !== LETTER_E) {
      const keyAt = this.at
      const key = this.#key()
      const start = this.at
      const value = this.value(depth)
      if (!dict.add(key, value, start, this.at))
        this.#odd('bencode-duplicate-key', 'a dictionary has a key twice', keyAt)
      else if (previous !== null && key < previous) {
        this.#odd('bencode-unsorted-keys', 'the keys of a dictionary are not in order', keyAt)
      }
      previous = key
    }
    this.at++
    return dict
  }

  #key(): string {
    this.#countToken()
    const first = this.#bytes[this.at]
    if (first === undefined) throw this.#endOfInput()
    if (!isDigit(first)) throw fail('bencode-key-not-string', 'a dictionary key must be a string', this.at)
    return latin1Text(this.#string())
  }

  #list(depth: number): Bencode[] {
    this.#enter(depth)
    const list: Bencode[] = []
    while (this.#bytes[this.at] !== LETTER_E) list.push(this.value(depth))
    this.at++
    return list
  }

  #enter(depth: number): void {
    if (depth > this.#depth) {
      throw fail('bencode-too-deep', `lists and dictionaries nest deeper than ${this.#depth}`, this.at)
    }
    this.at++
  }

  #string(): Uint8Array {
    const lengthAt = this.at
    const end = this.#skipDigits()
    if (this.#bytes[end] !== COLON) {
      if (end === this.#bytes.length) throw this.#endOfInput()
      throw fail('bencode-colon-missing', "a string's length must be followed by a colon", end)
    }
    if (end - lengthAt > 1 && this.#bytes[lengthAt] === DIGIT_0) {
      this.#odd('bencode-overlong-integer', 'a length has superfluous zeros', lengthAt)
    }
    const length = this.#digits(lengthAt, end)
    const start = end + 1
    if (length > this.#bytes.length - start) {
      throw fail(
        'bencode-string-too-long',
        `a string of ${length} bytes runs past the end of the input`,
        lengthAt,
      )
    }
    this.at = start + length
    return this.#bytes.subarray(start, this.at)
  }

  #integer(): number | bigint {
    const start = this.at
    this.at++
    const isNegative = this.#bytes[this.at] === MINUS
    if (isNegative) this.at++
    const first = this.at
    const end = this.#skipDigits()
    if (end === this.#bytes.length) throw this.#endOfInput()
    if (end === first || this.#bytes[end] !== LETTER_E) {
      throw fail('bencode-integer-invalid', 'an integer must be digits between i and e', start)
    }
    const startsWithZero = this.#bytes[first] === DIGIT_0
    if (startsWithZero && (end - first > 1 || isNegative)) {
      this.#odd('bencode-overlong-integer', 'an integer has superfluous zeros or is minus zero', start)
    }
    const magnitude = this.#digits(first, end)
    this.at = end + 1
    if (!Number.isSafeInteger(magnitude)) return this.#bigInteger(first, end, isNegative)
    return isNegative && magnitude !== 0 ? -magnitude : magnitude
  }

  #bigInteger(first: number, end: number, isNegative: boolean): bigint {
    const magnitude = BigInt(latin1Text(this.#bytes.subarray(first, end)))
    const value = isNegative ? -magnitude : magnitude
    if (value >= -(2n ** 63n) && value < 2n ** 64n) return value
    throw fail('bencode-integer-too-large', 'an integer does not fit into 64 bits', first)
  }

  /** Where the digits from here on end. */
  #skipDigits(): number {
    let end = this.at
    while (isDigit(this.#bytes[end])) end++
    return end
  }

  /** Not exact above 2^53, which the callers check. */
  #digits(first: number, end: number): number {
    if (end - first > BENCODE_LIMITS.integerDigits) {
      throw fail(
        'bencode-integer-too-large',
        `a number has more than ${BENCODE_LIMITS.integerDigits} digits`,
        first,
      )
    }
    let value = 0
    for (let at = first; at < end; at++) value = value * 10 + (this.#bytes[at]! - DIGIT_0)
    return value
  }

  #countToken(): void {
    if (--this.#tokensLeft < 0) throw fail('bencode-too-many-tokens', 'the value has too many parts', this.at)
  }

  #odd(code: string, message: string, offset: number): void {
    const error = fail(code, message, offset)
    if (this.#isStrict) throw error
    if (!this.oddities.some(oddity => oddity.code === code)) this.oddities.push(oddityOf(error))
  }

  #endOfInput(): FormatError {
    return fail('bencode-truncated', 'the input ends inside a value', this.#bytes.length)
  }
}

function oddityOf({ code, message, offset }: FormatError): Oddity {
  return { code, message, offset }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9
}

function fail(code: string, message: string, offset: number): FormatError {
  return new FormatError(code, `${message} (byte ${offset})`, { offset })
}
