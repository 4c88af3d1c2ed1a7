import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { encodeBencode } from '../../../src/bencode/index.ts'
import { latin1Text } from '../../../src/core/bytes.ts'
import { FormatError, TrackerError } from '../../../src/core/errors.ts'
import { type AnnounceRequest, isFailure } from '../../../src/tracker/announce.ts'
import { parseAnnounceQuery, parseScrapeQuery } from '../../../src/tracker/announce-query.ts'
import { announceUrl, decodeAnnounceResponse, decodeScrapeResponse } from '../../../src/tracker/http-codec.ts'

const twentyBytes = fc.uint8Array({ minLength: 20, maxLength: 20 })
const bytesCount = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const shortText = fc.uint8Array({ minLength: 1, maxLength: 64 }).map(latin1Text)

const requests: fc.Arbitrary<AnnounceRequest> = fc.record(
  {
    infoHash: twentyBytes,
    peerId: twentyBytes,
    port: fc.integer({ min: 1, max: 65535 }),
    uploaded: bytesCount,
    downloaded: bytesCount,
    left: bytesCount,
    event: fc.constantFrom('started', 'completed', 'stopped', 'paused', null),
    numWant: fc.integer({ min: -1, max: 1000 }),
    key: fc.option(fc.stringMatching(/^[0-9a-f]{8}$/)),
    isCompact: fc.boolean(),
    noPeerId: fc.boolean(),
    ip: fc.option(fc.constantFrom('192.0.2.1', '2001:db8::1'), { nil: undefined }),
    ipv6: fc.option(fc.constant('2001:db8::2'), { nil: undefined }),
    trackerId: fc.option(shortText, { nil: undefined }),
  },
  { noNullPrototype: true },
)

/** Keys that mean something, with values that may be of any type. */
const answers = fc
  .dictionary(
    fc.constantFrom(
      'complete',
      'downloaded',
      'external ip',
      'failure reason',
      'files',
      'incomplete',
      'interval',
      'min interval',
      'peers',
      'peers6',
      'retry in',
      'tracker id',
      'warning message',
    ),
    fc.oneof(
      fc.integer(),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.integer(), { maxLength: 3 }),
      fc.array(
        fc.record({
          ip: fc.oneof(fc.string(), fc.integer(), fc.constant('192.0.2.1')),
          port: fc.oneof(fc.integer(), fc.string()),
          'peer id': fc.oneof(fc.uint8Array({ maxLength: 21 }), fc.integer()),
        }),
        { maxLength: 3 },
      ),
      fc.dictionary(fc.constant('x'.repeat(20)), fc.oneof(fc.integer(), fc.constant({ complete: -1 }))),
    ),
  )
  .map(answer => encodeBencode(answer))

function isTypedError(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof FormatError || error instanceof TrackerError, String(error))
  }
}

suite('the HTTP codec', () => {
  test('reads at the server what the client wrote', () => {
    fc.assert(
      fc.property(requests, fc.constantFrom('', '?passkey=1', '?a&'), (request, own) => {
        const url = announceUrl(`http://tracker.example/announce${own}`, request)
        const read = parseAnnounceQuery(url.slice(url.indexOf('?') + 1))
        assert.deepEqual(read, request)
      }),
    )
  })

  test('never throws at a server’s door', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'info_hash=',
        'peer_id=',
        '&',
        '=',
        '%',
        '%0',
        '%00',
        '+',
        'port=1',
        'left=',
        'x'.repeat(20),
      ),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), parts => {
        const query = parts.join('')
        const request = parseAnnounceQuery(query)
        assert.ok(isFailure(request) || request.infoHash.length === 20)
        const hashes = parseScrapeQuery(query)
        assert.ok(isFailure(hashes) || hashes.every(hash => hash.length === 20))
      }),
    )
  })

  test('makes of any answer a response or an error that has a name', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), answers), bytes => {
        isTypedError(() => decodeAnnounceResponse(bytes))
        isTypedError(() => decodeScrapeResponse(bytes))
      }),
      { numRuns: 500 },
    )
  })
})
