/**
 * A file of records, each with a checksum: kind (1 byte), length (4), payload, CRC-32 of all that (4). Records are
 * only ever appended, so that a crash can hurt the last ones alone; the first that is not whole ends the file.
 */

import { crc32 } from 'node:zlib'
import { readU32, writeU32 } from '../core/bytes.ts'

export interface JournalRecord {
  /** 0 to 255. */
  readonly kind: number
  readonly payload: Uint8Array
}

const HEAD_LENGTH = 5
const CHECKSUM_LENGTH = 4
/** Most logs are shorter. */
const LEAST_ROOM = 1024
/** What is longer is not looked for at each place behind damage: that would take long, and few records are. */
const SOUGHT_LENGTH = 1024
/** Bytes that go into checksums in that search, for each byte that is searched; zeros take 5. */
const SEARCH_EFFORT = 64

export function encodeRecord(record: JournalRecord): Uint8Array {
  const bytes = new Uint8Array(encodedLength(record))
  writeRecord(bytes, 0, record)
  return bytes
}

/** Each is dropped as soon as it is written: of a large torrent there are thousands. */
export function encodeRecords(records: Iterable<JournalRecord>): Uint8Array {
  let bytes = new Uint8Array(LEAST_ROOM)
  let length = 0
  for (const record of records) {
    const end = length + encodedLength(record)
    if (end > bytes.length) {
      const larger = new Uint8Array(2 * end)
      larger.set(bytes)
      bytes = larger
    }
    writeRecord(bytes, length, record)
    length = end
  }
  return bytes.slice(0, length)
}

function encodedLength({ payload }: JournalRecord): number {
  return HEAD_LENGTH + payload.length + CHECKSUM_LENGTH
}

function writeRecord(bytes: Uint8Array, at: number, { kind, payload }: JournalRecord): void {
  const end = at + HEAD_LENGTH + payload.length
  bytes[at] = kind
  writeU32(bytes, at + 1, payload.length)
  bytes.set(payload, at + HEAD_LENGTH)
  writeU32(bytes, end, crc32(bytes.subarray(at, end)))
}

/** The records up to the first that is torn or damaged, and how many bytes they take. Never throws. */
export function decodeRecords(bytes: Uint8Array): {
  readonly records: JournalRecord[]
  readonly length: number
} {
  const records: JournalRecord[] = []
  let at = 0
  for (;;) {
    const end = payloadEnd(bytes, at)
    if (end < 0) return { records, length: at }
    records.push({ kind: bytes[at]!, payload: bytes.slice(at + HEAD_LENGTH, end) })
    at = end + CHECKSUM_LENGTH
  }
}

/**
 * Whether a whole record lies somewhere behind this place, where `decodeRecords` stopped: then it did not come to a torn
 * end but to damage, and there is no knowing what the record said that is lost. Bytes that look like the heads of ever
 * more records would take long to look through: they are taken for damage, too, which costs no more than another look
 * at the files. `checksum` is for tests, which count.
 */
export function hasRecordBehind(bytes: Uint8Array, place: number, checksum = crc32): boolean {
  let effort = SEARCH_EFFORT * (bytes.length - place)
  for (let at = place + 1; at < bytes.length; at++) {
    const end = possibleEnd(bytes, at, SOUGHT_LENGTH)
    if (end < 0) continue
    effort -= end - at
    if (effort < 0 || checksum(bytes.subarray(at, end)) === readU32(bytes, end)) return true
  }
  return false
}

/** Where the payload of a whole record ends; -1 where none begins here. */
function payloadEnd(bytes: Uint8Array, at: number): number {
  const end = possibleEnd(bytes, at, bytes.length)
  return end >= 0 && crc32(bytes.subarray(at, end)) === readU32(bytes, end) ? end : -1
}

/** Where the payload of a record of at most this length would end, going by its length alone; -1 if it cannot be one. */
function possibleEnd(bytes: Uint8Array, at: number, longest: number): number {
  if (at + HEAD_LENGTH + CHECKSUM_LENGTH > bytes.length) return -1
  const length = readU32(bytes, at + 1)
  const end = at + HEAD_LENGTH + length
  return length > longest || end + CHECKSUM_LENGTH > bytes.length ? -1 : end
}
