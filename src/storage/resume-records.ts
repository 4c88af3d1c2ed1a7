/** The records of a resume log: what each says, in bytes. Numbers are big-endian. */

import { Bitfield } from '../core/bitfield.ts'
import {
  concatBytes,
  equalBytes,
  readU16,
  readU32,
  strictUtf8Text,
  utf8Bytes,
  writeU16,
  writeU32,
} from '../core/bytes.ts'
import type { JournalRecord } from './journal.ts'
import type { ResumeState } from './resume-state.ts'
import type { FileState } from './torrent-storage.ts'

/** Of the records' meaning; one that is not known is not touched. */
export const RESUME_VERSION = 1

const MAGIC = utf8Bytes('shoal resume log')

const HEAD = 1
const SYNCED = 2
const WRITTEN = 3
const SYNCED_UP_TO = 4
const LOST = 5
const DOUBTFUL = 6
const SPILLED = 7
const COUNTERS = 8
const FILE_OPENED = 9
const FILE_SEEN = 10
/** Everything before it is the snapshot: a log without it was cut too early to be of use. */
const SNAPSHOT_ENDS = 11

/** What a log belongs to. */
export interface ResumeSubject {
  readonly id: string
  readonly pieceCount: number
  blockCount(piece: number): number
}

export function writtenRecord(piece: number, sequence: number): JournalRecord {
  return { kind: WRITTEN, payload: numbers(piece, sequence) }
}

export function syncedUpToRecord(sequence: number): JournalRecord {
  return { kind: SYNCED_UP_TO, payload: numbers(sequence) }
}

export function lostRecord(piece: number): JournalRecord {
  return { kind: LOST, payload: numbers(piece) }
}

export function doubtfulRecord(piece: number): JournalRecord {
  return { kind: DOUBTFUL, payload: numbers(piece) }
}

export function spilledRecord(piece: number, blocks: Bitfield): JournalRecord {
  return { kind: SPILLED, payload: concatBytes([numbers(piece), blocks.bytes()]) }
}

export function countersRecord({
  uploaded,
  downloaded,
}: {
  uploaded: number
  downloaded: number
}): JournalRecord {
  return { kind: COUNTERS, payload: numbers(uploaded, downloaded) }
}

export function fileOpenedRecord(path: string): JournalRecord {
  return { kind: FILE_OPENED, payload: utf8Bytes(path) }
}

/** A file that is not there is forgotten. */
export function fileSeenRecord(path: string, state: FileState): JournalRecord {
  const look = new Uint8Array(33)
  if (state !== null) {
    const view = new DataView(look.buffer)
    view.setUint8(0, 1)
    view.setBigUint64(1, BigInt(state.length))
    view.setBigInt64(9, BigInt.asIntN(64, state.mtimeNs))
    view.setBigUint64(17, BigInt.asUintN(64, state.ino))
    view.setBigUint64(25, BigInt.asUintN(64, state.dev))
  }
  return { kind: FILE_SEEN, payload: concatBytes([look, utf8Bytes(path)]) }
}

/** All that a state says, as a log that begins with it. */
export function* snapshotRecords(subject: ResumeSubject, state: ResumeState): Generator<JournalRecord> {
  yield headRecord(subject)
  yield { kind: SYNCED, payload: state.synced.bytes() }
  for (const [piece, sequence] of state.written) yield writtenRecord(piece, sequence)
  for (const piece of state.doubtful) {
    yield writtenRecord(piece, 0)
    yield doubtfulRecord(piece)
  }
  for (const [piece, blocks] of state.spilled) yield spilledRecord(piece, blocks)
  yield countersRecord(state)
  for (const [path, { state: seen, isOpen }] of state.files) {
    if (seen !== null) yield fileSeenRecord(path, seen)
    if (isOpen) yield fileOpenedRecord(path)
  }
  yield { kind: SNAPSHOT_ENDS, payload: numbers(state.sequence) }
}

function headRecord({ id, pieceCount }: ResumeSubject): JournalRecord {
  const version = new Uint8Array(2)
  writeU16(version, 0, RESUME_VERSION)
  return { kind: HEAD, payload: concatBytes([MAGIC, version, numbers(pieceCount), utf8Bytes(id)]) }
}

/** The version a log was written in; null where this is no log's first record. */
export function readVersion(record: JournalRecord | undefined): number | null {
  if (record?.kind !== HEAD || record.payload.length < MAGIC.length + 2) return null
  if (MAGIC.some((byte, at) => record.payload[at] !== byte)) return null
  return readU16(record.payload, MAGIC.length)
}

/**
 * Adds up records of the present version into `state`. Returns how many of them could be believed: 0 where they are
 * not this torrent's log, or its snapshot is not whole.
 */
export function applyRecords(
  records: readonly JournalRecord[],
  subject: ResumeSubject,
  state: ResumeState,
): number {
  const first = records[0]
  if (first?.kind !== HEAD || !equalBytes(first.payload, headRecord(subject).payload)) return 0
  let isWhole = false
  let applied = 1
  for (const record of records.slice(1)) {
    if (!applyRecord(record, subject, state)) break
    applied++
    if (record.kind === SNAPSHOT_ENDS) isWhole = true
  }
  return isWhole ? applied : 0
}

/** False for a record that says nothing sensible: a checksum proves what was written, not that it was right. */
function applyRecord({ kind, payload }: JournalRecord, subject: ResumeSubject, state: ResumeState): boolean {
  switch (kind) {
    case SYNCED:
      return applySynced(payload, subject, state)
    case SYNCED_UP_TO:
      if (!holdsNumbers(payload, 1)) return false
      state.syncedUpTo(numberAt(payload, 0))
      return true
    case COUNTERS:
      if (!holdsNumbers(payload, 2)) return false
      state.uploaded = numberAt(payload, 0)
      state.downloaded = numberAt(payload, 1)
      return true
    case FILE_OPENED: {
      const path = strictUtf8Text(payload)
      if (path !== null) state.fileOpened(path)
      return path !== null
    }
    case FILE_SEEN:
      return applyFileSeen(payload, state)
    case SNAPSHOT_ENDS:
      if (!holdsNumbers(payload, 1)) return false
      state.sequence = Math.max(state.sequence, numberAt(payload, 0))
      return true
    default:
      return applyPieceRecord(kind, payload, subject, state)
  }
}

function applyPieceRecord(
  kind: number,
  payload: Uint8Array,
  subject: ResumeSubject,
  state: ResumeState,
): boolean {
  const piece = numberAt(payload, 0)
  if (!(piece < subject.pieceCount)) return false
  switch (kind) {
    case WRITTEN:
      if (!holdsNumbers(payload, 2)) return false
      state.pieceWritten(piece, numberAt(payload, 1))
      return true
    case LOST:
      state.pieceLost(piece)
      return true
    case DOUBTFUL:
      state.notSynced(piece)
      return true
    case SPILLED: {
      const blocks = Bitfield.fromBytes(payload.subarray(8), subject.blockCount(piece))
      if (blocks !== null) state.blocksSpilled(piece, blocks)
      return blocks !== null
    }
    default:
      return false
  }
}

function applySynced(payload: Uint8Array, { pieceCount }: ResumeSubject, state: ResumeState): boolean {
  const synced = Bitfield.fromBytes(payload, pieceCount)
  if (synced === null) return false
  state.synced.addAll(synced)
  return true
}

function applyFileSeen(payload: Uint8Array, state: ResumeState): boolean {
  if (payload.length < 33) return false
  const path = strictUtf8Text(payload.subarray(33))
  if (path === null) return false
  const view = new DataView(payload.buffer, payload.byteOffset, 33)
  const isThere = view.getUint8(0) === 1
  state.fileSeen(
    path,
    isThere
      ? {
          length: Number(view.getBigUint64(1)),
          mtimeNs: view.getBigInt64(9),
          ino: view.getBigUint64(17),
          dev: view.getBigUint64(25),
        }
      : null,
  )
  return true
}

/** Whole numbers up to 2^53, eight bytes each. */
function numbers(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length)
  for (const [index, value] of values.entries()) {
    writeU32(bytes, 8 * index, Math.floor(value / 2 ** 32))
    writeU32(bytes, 8 * index + 4, value >>> 0)
  }
  return bytes
}

/** Whether it is that many whole numbers that a double holds exactly: a sequence that is none would never be reached. */
function holdsNumbers(payload: Uint8Array, count: number): boolean {
  if (payload.length !== 8 * count) return false
  for (let i = 0; i < count; i++) if (!Number.isSafeInteger(numberAt(payload, i))) return false
  return true
}

/** NaN where the payload is too short: no comparison with it is true. */
function numberAt(payload: Uint8Array, index: number): number {
  if (payload.length < 8 * index + 8) return Number.NaN
  return readU32(payload, 8 * index) * 2 ** 32 + readU32(payload, 8 * index + 4)
}
