import { concatBytes, latin1Bytes, utf8Bytes } from '../core/bytes.ts'
import { UsageError } from '../core/errors.ts'
import { BencodeDict } from './bencode.ts'

/**
 * What can be encoded. A text is written as UTF-8. Keys of objects, maps and dictionaries have one character a byte
 * (for other text: `latin1Text(utf8Bytes(key))`); entries that are undefined are left out.
 */
export type Encodable =
  | number
  | bigint
  | string
  | Uint8Array
  | RawBencode
  | BencodeDict
  | readonly Encodable[]
  | ReadonlyMap<string, Encodable | undefined>
  | { readonly [key: string]: Encodable | undefined }

/** A value that is encoded already and is kept byte for byte, such as an info dictionary. */
export class RawBencode {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/**
 * Writes one value, keys in the order of their bytes (BEP 3). Throws `UsageError` `bencode-unencodable` for a number
 * that is not an exact integer and for a key with a character above U+00FF.
 */
export function encodeBencode(value: Encodable): Uint8Array {
  const parts: Uint8Array[] = []
  write(value, parts)
  return concatBytes(parts)
}

function write(value: Encodable, parts: Uint8Array[]): void {
  if (value instanceof Uint8Array) writeString(value, parts)
  else if (typeof value === 'string') writeString(utf8Bytes(value), parts)
  else if (typeof value === 'number' || typeof value === 'bigint') writeInteger(value, parts)
  else if (value instanceof RawBencode) parts.push(value.bytes)
  else if (Array.isArray(value)) writeList(value, parts)
  else writeDict(entriesOf(value as Exclude<typeof value, readonly Encodable[]>), parts)
}

function writeString(bytes: Uint8Array, parts: Uint8Array[]): void {
  parts.push(latin1Bytes(`${bytes.length}:`), bytes)
}

function writeInteger(value: number | bigint, parts: Uint8Array[]): void {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new UsageError('bencode-unencodable', `${value} is not an integer that bencode can hold exactly`)
  }
  parts.push(latin1Bytes(`i${value}e`))
}

function writeList(list: readonly Encodable[], parts: Uint8Array[]): void {
  parts.push(LIST)
  for (const item of list) write(item, parts)
  parts.push(END)
}

function writeDict(entries: Iterable<readonly [string, Encodable | undefined]>, parts: Uint8Array[]): void {
  parts.push(DICT)
  // Latin1 keys compare as their bytes do.
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  for (const [key, value] of sorted) {
    if (value === undefined) continue
    writeString(keyBytes(key), parts)
    write(value, parts)
  }
  parts.push(END)
}

function entriesOf(
  value:
    | BencodeDict
    | ReadonlyMap<string, Encodable | undefined>
    | { readonly [key: string]: Encodable | undefined },
): Iterable<readonly [string, Encodable | undefined]> {
  if (value instanceof BencodeDict || value instanceof Map) return value.entries()
  return Object.entries(value)
}

function keyBytes(key: string): Uint8Array {
  for (let i = 0; i < key.length; i++) {
    if (key.charCodeAt(i) > 0xff) {
      throw new UsageError('bencode-unencodable', `the key "${key}" has a character that is not one byte`)
    }
  }
  return latin1Bytes(key)
}

const LIST = latin1Bytes('l')
const DICT = latin1Bytes('d')
const END = latin1Bytes('e')
