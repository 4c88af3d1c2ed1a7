import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import {
  decodeRecords,
  encodeRecord,
  encodeRecords,
  hasRecordBehind,
  type JournalRecord,
} from '../../../src/storage/journal.ts'

const RECORDS: JournalRecord[] = [
  { kind: 1, payload: new Uint8Array([1, 2, 3]) },
  { kind: 255, payload: new Uint8Array(0) },
  { kind: 7, payload: new Uint8Array(300).fill(7) },
]

describe('a journal', () => {
  it('reads back its records', () => {
    const bytes = encodeRecords(RECORDS)
    assert.deepEqual(decodeRecords(bytes), { records: RECORDS, length: bytes.length })
  })

  it('is empty without bytes', () => {
    assert.deepEqual(decodeRecords(new Uint8Array(0)), { records: [], length: 0 })
  })

  it('cut anywhere keeps the records before the cut', () => {
    const bytes = encodeRecords(RECORDS)
    const ends = [0, ...RECORDS.map((_, i) => encodeRecords(RECORDS.slice(0, i + 1)).length)]
    for (let length = 0; length <= bytes.length; length++) {
      const whole = ends.filter(end => end <= length).length - 1
      const found = decodeRecords(bytes.subarray(0, length))
      assert.deepEqual(found, { records: RECORDS.slice(0, whole), length: ends[whole] }, `cut at ${length}`)
    }
  })

  it('ends before a record with any damaged byte', () => {
    const first = encodeRecord(RECORDS[0]!).length
    const bytes = encodeRecords(RECORDS)
    const second = encodeRecords(RECORDS.slice(0, 2)).length
    for (let at = first; at < second; at++) {
      const damaged = bytes.slice()
      damaged[at]! ^= 0x10
      assert.deepEqual(decodeRecords(damaged).records, RECORDS.slice(0, 1), `byte ${at}`)
    }
  })

  it('ends where zeros follow, as after a power cut', () => {
    const bytes = encodeRecords(RECORDS)
    const longer = new Uint8Array(bytes.length + 5000)
    longer.set(bytes)
    assert.equal(decodeRecords(longer).length, bytes.length)
  })

  it('tells damage, behind which there are more records, from a torn end', () => {
    const bytes = encodeRecords(RECORDS)
    const first = encodeRecord(RECORDS[0]!).length
    for (let cut = first + 1; cut < bytes.length; cut++) {
      const torn = bytes.subarray(0, cut)
      assert.equal(hasRecordBehind(torn, decodeRecords(torn).length), false, `cut at ${cut}`)
    }
    assert.equal(hasRecordBehind(bytes, bytes.length), false)
    const damaged = bytes.slice()
    damaged[first]! ^= 1
    assert.equal(decodeRecords(damaged).length, first)
    assert.equal(hasRecordBehind(damaged, first), true)
  })

  it('looks through any end with an effort that grows as its length does', () => {
    // At every second place stands the length of a record that is as long as any that is looked for.
    const bytes = new Uint8Array(100_000).map((_, at) => (at % 4 === 2 ? 4 : 0))
    let summed = 0
    const answer = hasRecordBehind(bytes, 0, data => {
      summed += Buffer.byteLength(data)
      return crc32(data)
    })
    assert.equal(answer, true, 'what cannot be told is taken for damage')
    assert.ok(summed <= 64 * bytes.length, `${summed}`)
    const zeros = new Uint8Array(100_000)
    assert.equal(hasRecordBehind(zeros, 0), false, 'a power cut leaves zeros')
  })

  it('is not misled by a length beyond its end', () => {
    assert.equal(decodeRecords(new Uint8Array([1, 255, 255, 255, 255, 0, 0, 0, 0])).length, 0)
  })
})
