/** Reading, writing and comparing bytes. Bytes are `Uint8Array` everywhere; numbers are big-endian. */

import { FormatError } from './errors.ts'

export const NO_BYTES = new Uint8Array(0)

export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

/** Unsigned: the top bit never makes it negative. */
export function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  // Word by word where that is possible: whole torrent files are compared, thousands of them when a session starts.
  const length = a.length >= 64 && a.byteOffset % 4 === 0 && b.byteOffset % 4 === 0 ? a.length >> 2 : 0
  if (length > 0) {
    const x = new Uint32Array(a.buffer, a.byteOffset, length)
    const y = new Uint32Array(b.buffer, b.byteOffset, length)
    for (let i = 0; i < length; i++) if (x[i] !== y[i]) return false
  }
  for (let i = 4 * length; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** The order of bencode's keys and of merkle roots: by unsigned byte, a prefix first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const difference = a[i]! - b[i]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))

export function formatHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX[byte]
  return text
}

/** Upper or lower case; throws `FormatError` `hex-invalid` for anything that is not whole bytes of hex. */
export function parseHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new FormatError('hex-invalid', `"${text.slice(0, 80)}" is not hexadecimal`)
  }
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

const utf8Encoder = new TextEncoder()
const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strictUtf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function utf8Bytes(text: string): Uint8Array {
  return utf8Encoder.encode(text)
}

/** Up to so many bytes a decoder takes longer to be called than to decode. */
const SHORT = 64

/** Null for what is not ASCII, or not short. */
function shortAscii(bytes: Uint8Array): string | null {
  if (bytes.length > SHORT) return null
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 0x7f) return null
  return latin1Text(bytes)
}

/** Invalid sequences become U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  const short = shortAscii(bytes)
  if (short !== null) return short
  return utf8Decoder.decode(bytes)
}

/** Null where the bytes are not valid UTF-8. */
export function strictUtf8Text(bytes: Uint8Array): string | null {
  const short = shortAscii(bytes)
  if (short !== null) return short
  try {
    return strictUtf8Decoder.decode(bytes)
  } catch {
    return null
  }
}

/** One character a byte, for keys and for protocol words. */
export function latin1Text(bytes: Uint8Array): string {
  // In one go: a text that grows by characters is put together once more when it is compared.
  if (bytes.length <= SHORT) return String.fromCharCode.apply(null, bytes as unknown as number[])
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/** The bytes of a text whose characters are all below U+0100. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
