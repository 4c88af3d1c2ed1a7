import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  applyRecords,
  countersRecord,
  lostRecord,
  snapshotRecords,
  syncedUpToRecord,
  writtenRecord,
} from '../../../src/storage/resume-records.ts'
import type { JournalRecord } from '../../../src/storage/journal.ts'
import { ResumeState } from '../../../src/storage/resume-state.ts'

const SUBJECT = { id: 'a', pieceCount: 4, blockCount: () => 2 }
const SNAPSHOT = [...snapshotRecords(SUBJECT, new ResumeState(SUBJECT.pieceCount))]

function applied(more: readonly JournalRecord[]): { count: number; state: ResumeState } {
  const state = new ResumeState(SUBJECT.pieceCount)
  return { count: applyRecords([...SNAPSHOT, ...more], SUBJECT, state), state }
}

describe('the records of a resume log', () => {
  it('add up: a piece is had once it was synced, until it is lost', () => {
    const { count, state } = applied([
      writtenRecord(1, 1),
      writtenRecord(2, 2),
      writtenRecord(3, 3),
      syncedUpToRecord(2),
      lostRecord(1),
      countersRecord({ uploaded: 5, downloaded: 6 }),
    ])
    assert.equal(count, SNAPSHOT.length + 6)
    assert.deepEqual([...state.synced], [2])
    assert.deepEqual([...state.written], [[3, 3]])
    assert.deepEqual([state.sequence, state.uploaded, state.downloaded], [3, 5, 6])
  })

  for (const [what, record] of [
    ['a piece written', writtenRecord(1, 1)],
    ['synced up to', syncedUpToRecord(1)],
    ['the end of a snapshot', SNAPSHOT.at(-1)!],
    ['counters', countersRecord({ uploaded: 1, downloaded: 1 })],
  ] as const) {
    it(`end before one whose numbers are cut short or no double holds: ${what}`, () => {
      const { kind, payload } = record
      const short = { kind, payload: payload.subarray(0, -1) }
      const huge = { kind, payload: payload.map((byte, at) => (at >= payload.length - 8 ? 0xff : byte)) }
      for (const bad of [short, huge]) {
        const { count, state } = applied([bad, writtenRecord(2, 1)])
        assert.equal(count, SNAPSHOT.length)
        assert.equal(state.sequence, 0)
        assert.deepEqual([...state.synced], [])
      }
    })
  }
})
