import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import fc from 'fast-check'
import { latin1Text } from '../../src/core/bytes.ts'
import { NUM_WANT_DEFAULT } from '../../src/tracker/announce.ts'
import { parseAnnounceQuery, parseScrapeQuery } from '../../src/tracker/announce-query.ts'
import { TRACKER_LIMITS } from '../../src/tracker/limits.ts'

/** FUZZ_RUNS sets how many inputs are tried for each question. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 1_000)

const NAMES = [
  ...['info_hash', 'peer_id', 'port', 'uploaded', 'downloaded', 'left', 'event', 'compact', 'numwant', 'key'],
  ...['ip', 'ipv4', 'ipv6', 'no_peer_id', 'trackerid', 'corrupt', 'supportcrypto', '', 'x'],
]

/** One character a byte, as queries come off the wire. */
const raw = fc.uint8Array({ maxLength: 80 }).map(latin1Text)
const escaped = fc
  .uint8Array({ minLength: 18, maxLength: 22 })
  .map(bytes => [...bytes].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join(''))
const number = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constantFrom('0', '-0', '+1', '1e3', '0x10', ' 1', '65535', '65536', '9007199254740993', 'NaN', ''),
)
const value = fc.oneof(
  raw,
  escaped,
  number,
  fc.constantFrom('started', 'stopped', 'completed', 'paused', '%', '%4', '%zz'),
)
const pair = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom('=', '', '=='), value)
  .map(parts => parts.join(''))

/** Right but for what was put between, doubled or left out. */
const almostRight = fc
  .tuple(
    fc.subarray([
      'info_hash=%12%34%56aaaaaaaaaaaaaaaaa',
      'peer_id=-SH0100-aaaaaaaaaaaa',
      'port=6881',
      'left=0',
    ]),
    fc.array(pair, { maxLength: 6 }),
  )
  .chain(([right, odd]) => fc.shuffledSubarray([...right, ...odd], { minLength: right.length }))
  .map(pairs => pairs.join('&'))

const query = fc.oneof(
  raw,
  fc.array(pair, { maxLength: 12 }).map(pairs => pairs.join('&')),
  almostRight,
)

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0
}

suite('what a tracker is asked', () => {
  it('is a request within its bounds or a failure in words, whatever the query', () => {
    let understood = 0
    fc.assert(
      fc.property(query, text => {
        const asked = parseAnnounceQuery(text)
        if ('failure' in asked) {
          assert.match(asked.failure, /^[ -~]+$/)
          return
        }
        understood++
        assert.equal(asked.infoHash.length, 20)
        assert.equal(asked.peerId.length, 20)
        assert.ok(Number.isInteger(asked.port) && asked.port >= 0 && asked.port <= 65_535)
        for (const count of [asked.uploaded, asked.downloaded]) assert.ok(isCount(count), String(count))
        assert.ok(asked.left === Number.POSITIVE_INFINITY || isCount(asked.left), String(asked.left))
        assert.ok(asked.numWant === NUM_WANT_DEFAULT || isCount(asked.numWant), String(asked.numWant))
        for (const said of [asked.key, asked.ip, asked.ipv6, asked.trackerId])
          assert.ok((said?.length ?? 0) <= TRACKER_LIMITS.textParameterLength)
      }),
      { numRuns },
    )
    assert.ok(understood > numRuns / 100, `only ${understood} were understood: nothing was tried`)
  })

  it('of several torrents is a bounded list of hashes or a failure in words', () => {
    const hashes = fc.array(fc.oneof(escaped, raw), { maxLength: 2 * TRACKER_LIMITS.scrapeHashes })
    const scrape = fc.oneof(
      query,
      hashes.map(list => list.map(hash => `info_hash=${hash}`).join('&')),
    )
    fc.assert(
      fc.property(scrape, text => {
        const asked = parseScrapeQuery(text)
        if ('failure' in asked) {
          assert.match(asked.failure, /^[ -~]+$/)
          return
        }
        assert.ok(asked.length > 0 && asked.length <= TRACKER_LIMITS.scrapeHashes)
        for (const hash of asked) assert.equal(hash.length, 20)
      }),
      { numRuns },
    )
  })
})
