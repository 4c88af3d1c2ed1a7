/** Messages written field by field, as the BEPs describe them, for tests to compare with. */

import { concatBytes, latin1Bytes, NO_BYTES } from '../../../src/core/bytes.ts'
import type { Message } from '../../../src/wire/messages.ts'
import { WireDecoder } from '../../../src/wire/wire-decoder.ts'

export function u32(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  values.forEach((value, i) => new DataView(bytes.buffer).setUint32(4 * i, value))
  return bytes
}

/** A message with its length prefix. */
export function message(id: number, ...payload: Uint8Array[]): Uint8Array {
  const body = concatBytes(payload)
  return concatBytes([u32(1 + body.length), new Uint8Array([id]), body])
}

/** The first five bytes of a message that claims a length (of its payload) but does not carry it. */
export function claim(id: number, payloadLength: number): Uint8Array {
  return concatBytes([u32(1 + payloadLength), new Uint8Array([id])])
}

export const KEEP_ALIVE = u32(0)

/** Bytes 0, 1, 2, … for payloads that show where they were cut. */
export function counted(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i)
}

export function handshake(
  o: { infoHash?: Uint8Array; peerId?: Uint8Array; reserved?: number[] } = {},
): Uint8Array {
  return concatBytes([
    latin1Bytes('\x13BitTorrent protocol'),
    new Uint8Array(o.reserved ?? [0, 0, 0, 0, 0, 0x10, 0, 0x04]),
    o.infoHash ?? INFO_HASH,
    o.peerId ?? latin1Bytes('-XX0001-abcdefghijkl'),
  ])
}

export const INFO_HASH = new Uint8Array(20).fill(0x11)

/** A message with the bytes of a PIECE joined, so that it does not depend on how the input was cut. */
export type Whole =
  | Exclude<Message, { type: 'block-start' | 'block-data' | 'block-end' }>
  | { type: 'piece'; piece: number; begin: number; length: number; bytes: Uint8Array }

/** Pushes chunks one after the other; copies what has to outlive its chunk. */
export function decodeChunks(chunks: readonly Uint8Array[], bitfieldLength = -1): Whole[] {
  const decoder = new WireDecoder()
  decoder.bitfieldLength = bitfieldLength
  const whole: Whole[] = []
  let open: { piece: number; begin: number; length: number; bytes: Uint8Array } | null = null
  for (const chunk of chunks) {
    // A socket's buffer is used again for the next chunk: what is kept must have been copied.
    const lent = chunk.slice()
    decoder.push(lent)
    for (let next = decoder.next(); next !== null; next = decoder.next()) {
      if (next.type === 'block-start') {
        const { piece, begin, length } = next
        open = { piece, begin, length, bytes: NO_BYTES }
      } else if (next.type === 'block-data' && open) open.bytes = concatBytes([open.bytes, next.bytes])
      else if (next.type === 'block-end' && open) whole.push({ type: 'piece', ...open })
      else whole.push(structuredClone(next) as Whole)
    }
    lent.fill(0xee)
  }
  return whole
}

/** Every way that a decoder has to get the same bytes: whole, byte by byte, and cut in two at every place. */
export function everySplit(bytes: Uint8Array): Uint8Array[][] {
  const ways = [[bytes], Array.from(bytes, byte => new Uint8Array([byte]))]
  for (let at = 1; at < bytes.length; at++) ways.push([bytes.subarray(0, at), bytes.subarray(at)])
  return ways
}
