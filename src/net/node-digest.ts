import { hash } from 'node:crypto'
import type { Digest } from '../core/ports.ts'

/** SHA-1 and SHA-256 by Node's OpenSSL. */
export const nodeDigest: Digest = {
  sha1: bytes => plain(hash('sha1', bytes, 'buffer')),
  sha256: bytes => plain(hash('sha256', bytes, 'buffer')),
}

/** Lower layers get plain bytes: a Buffer's `slice` would share its memory. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
