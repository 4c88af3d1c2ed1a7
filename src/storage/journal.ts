/**
 * A file of records, each with a checksum: kind (1 byte), length (4), payload, CRC-32 of all that (4). Records are
 * only ever appended, so that a crash can hurt the last ones alone; the first that is not whole ends the file.
 */

import { crc32 } from 'node:zlib'
import { concatBytes, readU32, writeU32 } from '../core/bytes.ts'

export interface JournalRecord {
  /** 0 to 255. */
  readonly kind: number
  readonly payload: Uint8Array
}

const HEAD_LENGTH = 5
const CHECKSUM_LENGTH = 4

export function encodeRecord({ kind, payload }: JournalRecord): Uint8Array {
  const bytes = new Uint8Array(HEAD_LENGTH + payload.length + CHECKSUM_LENGTH)
  bytes[0] = kind
  writeU32(bytes, 1, payload.length)
  bytes.set(payload, HEAD_LENGTH)
  const end = HEAD_LENGTH + payload.length
  writeU32(bytes, end, crc32(bytes.subarray(0, end)))
  return bytes
}

export function encodeRecords(records: Iterable<JournalRecord>): Uint8Array {
  return concatBytes(Array.from(records, encodeRecord))
}

/** The records up to the first that is torn or damaged, and how many bytes they take. Never throws. */
export function decodeRecords(bytes: Uint8Array): {
  readonly records: JournalRecord[]
  readonly length: number
} {
  const records: JournalRecord[] = []
  let at = 0
  for (;;) {
    if (at + HEAD_LENGTH + CHECKSUM_LENGTH > bytes.length) break
    const end = at + HEAD_LENGTH + readU32(bytes, at + 1)
    if (end + CHECKSUM_LENGTH > bytes.length) break
    if (crc32(bytes.subarray(at, end)) !== readU32(bytes, end)) break
    records.push({ kind: bytes[at]!, payload: bytes.slice(at + HEAD_LENGTH, end) })
    at = end + CHECKSUM_LENGTH
  }
  return { records, length: at }
}
