import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeRecords, encodeRecords } from '../../../src/storage/journal.ts'

const record = fc.record(
  { kind: fc.nat(255), payload: fc.uint8Array({ maxLength: 40 }) },
  { noNullPrototype: true },
)

test('records read back as they were written', () => {
  fc.assert(
    fc.property(fc.array(record), records => {
      const bytes = encodeRecords(records)
      assert.deepEqual(decodeRecords(bytes), { records, length: bytes.length })
    }),
  )
})

test('after damage anywhere, what is read is a beginning of what was written', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (records, at, change) => {
        const bytes = encodeRecords(records)
        bytes[at % bytes.length]! ^= change
        const found = decodeRecords(bytes).records
        assert.deepEqual(found, records.slice(0, found.length))
        assert.ok(found.length < records.length)
      },
    ),
  )
})

test('any bytes are read without a fault', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => void decodeRecords(bytes)))
})
