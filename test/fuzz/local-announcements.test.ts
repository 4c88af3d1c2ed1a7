import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, latin1Bytes } from '../../src/core/bytes.ts'
import { decodeAnnouncement } from '../../src/lsd/announcement.ts'

const numRuns = Number(process.env.FUZZ_RUNS ?? 1_000)

const line = fc.oneof(
  fc.constantFrom('Port: 6881', 'Port:', 'port: 99999', 'Host: x', 'cookie: c', '', ':', 'Infohash'),
  fc.string({ minLength: 30, maxLength: 42 }).map(text => `Infohash: ${text}`),
  fc
    .string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 40, maxLength: 40 })
    .map(h => `INFOHASH:${h}`),
  fc.string(),
)

test('a datagram is an announce with a port and whole info-hashes, or nothing', () => {
  const announce = fc
    .array(line, { maxLength: 100 })
    .map(lines => latin1Bytes(['BT-SEARCH * HTTP/1.1', ...lines].join('\r\n')))
  const datagram = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    announce,
    fc.tuple(announce, fc.uint8Array({ maxLength: 5000 })).map(concatBytes),
  )
  fc.assert(
    fc.property(datagram, bytes => {
      const said = decodeAnnouncement(bytes)
      if (said === null) return
      assert.ok(said.port > 0 && said.port < 65_536)
      assert.ok(said.infoHashes.length > 0 && said.infoHashes.length <= 64)
      assert.ok(said.infoHashes.every(hash => hash.length === 20))
    }),
    { numRuns },
  )
})
