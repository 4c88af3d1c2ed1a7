import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { asDict, asInteger, asText, type BencodeDict, decodeBencode } from '../../../src/bencode/index.ts'
import { formatAddress } from '../../../src/core/address.ts'
import { formatHex, latin1Bytes } from '../../../src/core/bytes.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { decodeAnnounceResponse, decodeScrapeResponse } from '../../../src/tracker/http-codec.ts'
import {
  type RunningTracker,
  startTracker,
  type StartTrackerOptions,
} from '../../../src/tracker-server/index.ts'
import { RawHttp } from '../../support/raw-http.ts'

const HASH = '%12%34%56%78%9a%bc%de%f0'.padEnd(60, '%00')

interface Peer {
  readonly id: string
  readonly port: number
  readonly left?: number
  readonly more?: string
  readonly hash?: string
}

function target({ id, port, left = 100, more = '', hash = HASH }: Peer): string {
  const peerId = `-XX0000-${id.padEnd(12, '0')}`
  return `/announce?info_hash=${hash}&peer_id=${peerId}&port=${port}&uploaded=0&downloaded=0&left=${left}${more}`
}

interface Swarm {
  readonly tracker: RunningTracker
  readonly open: (from?: string) => Promise<RawHttp>
  /** Announces over a connection of its own from an address of this machine, and reads the answer. */
  readonly tell: (peer: Peer, from?: string) => Promise<string>
}

async function withTracker(
  story: (swarm: Swarm) => Promise<void>,
  options: StartTrackerOptions = {},
): Promise<void> {
  await using tracker = await startTracker({
    bind: ['127.0.0.1'],
    httpPort: 0,
    intervalJitter: 0,
    ...options,
  })
  const open = (from = '127.0.0.1') => RawHttp.open(tracker.address.port, '127.0.0.1', from)
  await story({
    tracker,
    open,
    tell: async (peer, from) => {
      const connection = await open(from)
      const answer = await connection.get(target(peer))
      connection.close()
      assert.equal(answer?.status, 200)
      return answer.body
    },
  })
}

function read(body: string): BencodeDict {
  const value = asDict(decodeBencode(latin1Bytes(body), { isStrict: true }))
  assert.ok(value)
  return value
}

function peers(body: string): string[] {
  return decodeAnnounceResponse(latin1Bytes(body))
    .peers.map(peer => formatAddress(peer.address))
    .sort()
}

function failureOf(body: string): string | null {
  return asText(read(body).get('failure reason'))
}

suite('the tracker over HTTP', { timeout: 20_000 }, () => {
  test('answers an announce with exactly these bytes', () =>
    withTracker(async ({ open, tell }) => {
      await tell({ id: 'seed', port: 0x1ae1, left: 0 })
      const connection = await open()
      const answer = await connection.get(
        target({ id: 'leech', port: 0x1ae2, more: '&event=started&compact=1' }),
      )
      assert.equal(
        answer?.body,
        'd8:completei1e10:downloadedi0e10:incompletei1e8:intervali1800e12:min intervali300e5:peers6:\x7f\0\0\x01\x1a\xe1e',
      )
      assert.equal(answer.headers.get('content-type'), 'text/plain')
      assert.equal(answer.headers.get('content-length'), String(answer.body.length))
      connection.close()
    }))

  test('lists dictionaries where they are asked for, with peer ids or without', () =>
    withTracker(async ({ tell }) => {
      await tell({ id: 'seed', port: 6881, left: 0 })
      const dictionaries = await tell({ id: 'leech', port: 6882, more: '&compact=0' })
      assert.match(
        dictionaries,
        /5:peersld2:ip9:127\.0\.0\.17:peer id20:-XX0000-seed000000004:porti6881eeee$/,
      )
      const anonymous = await tell({ id: 'leech', port: 6882, more: '&compact=0&no_peer_id=1' })
      assert.match(anonymous, /5:peersld2:ip9:127\.0\.0\.14:porti6881eeee$/)
    }))

  test('keeps a connection for many requests, and answers those that come together in order', () =>
    withTracker(async ({ open, tracker }) => {
      const connection = await open()
      const requests = Array.from({ length: 100 }, (_, i) => target({ id: `peer${i}`, port: 1000 + i }))
      connection.send(requests.map(url => `GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''))
      for (let i = 0; i < requests.length; i++) {
        const answer = await connection.answer()
        assert.equal(asInteger(read(answer?.body ?? '').get('incomplete')), i + 1)
      }
      assert.equal(tracker.stats().announces, 100)
      connection.close()
    }))

  test('follows a peer through its life', () =>
    withTracker(async ({ tell }) => {
      const counts = (body: string) => {
        const { complete, incomplete, downloaded } = decodeAnnounceResponse(latin1Bytes(body))
        return [complete, incomplete, downloaded]
      }
      const seed = { id: 'seed', port: 6881, left: 0 }
      const peer = { id: 'peer', port: 6882 }
      assert.deepEqual(counts(await tell({ ...seed, more: '&event=started' })), [1, 0, 0])
      assert.deepEqual(counts(await tell({ ...peer, more: '&event=started' })), [1, 1, 0])
      assert.deepEqual(counts(await tell(peer)), [1, 1, 0])
      const completed = await tell({ ...peer, left: 0, more: '&event=completed' })
      assert.deepEqual(counts(completed), [2, 0, 1])
      assert.deepEqual(peers(completed), [], 'a seed has no use for a seed')
      assert.deepEqual(counts(await tell({ ...peer, left: 0, more: '&event=completed' })), [2, 0, 1], 'once')
      const stopped = await tell({ ...peer, left: 0, more: '&event=stopped' })
      assert.deepEqual(counts(stopped), [1, 0, 1])
      assert.deepEqual(peers(stopped), [])
      assert.deepEqual(peers(await tell({ id: 'late', port: 6883 })), ['127.0.0.1:6881'])
    }))

  test('gives as many peers as are wanted, within reason', () =>
    withTracker(async ({ tell, open }) => {
      const connection = await open()
      for (let i = 0; i < 300; i++) await connection.get(target({ id: `p${i}`, port: 2000 + i }))
      connection.close()
      const given = async (more: string) => peers(await tell({ id: 'asker', port: 6881, more })).length
      assert.equal(await given(''), 50)
      assert.equal(await given('&numwant=7'), 7)
      assert.equal(await given('&numwant=0'), 0)
      assert.equal(await given('&numwant=-1'), 50)
      assert.equal(await given('&numwant=100000'), 200)
      assert.equal(await given('&numwant=NaN'), 50)
    }))

  test('scrapes the swarms that are asked for, partial seeds told apart', () =>
    withTracker(async ({ tell, open }) => {
      await tell({ id: 'seed', port: 6881, left: 0 })
      await tell({ id: 'peer', port: 6882 })
      await tell({ id: 'partial', port: 6883, more: '&event=paused' })
      const connection = await open()
      const unknown = '%ff'.repeat(20)
      const answer = await connection.get(`/scrape?info_hash=${unknown}&info_hash=${HASH}`)
      const entries = decodeScrapeResponse(latin1Bytes(answer?.body ?? ''))
      assert.deepEqual(
        entries.map(({ infoHash, ...counts }) => [formatHex(infoHash).slice(0, 4), counts]),
        [
          ['1234', { complete: 1, incomplete: 2, downloaded: 0, downloaders: 1 }],
          ['ffff', { complete: 0, incomplete: 0, downloaded: 0, downloaders: 0 }],
        ],
      )
      assert.match((await connection.get('/scrape'))?.body ?? '', /failure reason/)
      connection.close()
    }))

  const refusals: [query: string, why: RegExp][] = [
    ['', /info_hash is missing/],
    [`info_hash=short&peer_id=${'x'.repeat(20)}&port=1`, /info_hash must be 20 bytes/],
    [`info_hash=%zz${'x'.repeat(19)}&peer_id=${'x'.repeat(20)}&port=1`, /info_hash must be 20 bytes/],
    [`info_hash=${HASH}&peer_id=x&port=1`, /peer_id must be 20 bytes/],
    [`info_hash=${HASH}&peer_id=${'x'.repeat(20)}&port=0`, /port must be/],
    [`info_hash=${HASH}&peer_id=${'x'.repeat(20)}&port=1&left=-5`, /left must be/],
    [`info_hash=${HASH}&info_hash=${HASH}&peer_id=${'x'.repeat(20)}&port=1`, /twice/],
  ]
  for (const [query, why] of refusals) {
    test(`refuses ${query.slice(0, 60) || 'an empty announce'}`, () =>
      withTracker(async ({ open, tracker }) => {
        const connection = await open()
        const answer = await connection.get(`/announce?${query}`)
        assert.equal(answer?.status, 200)
        assert.match(failureOf(answer.body) ?? '', why)
        assert.equal(tracker.stats().failures, 1)
        connection.close()
      }))
  }

  test('tracks only what it is allowed to', () =>
    withTracker(
      async ({ tell, tracker }) => {
        assert.match(failureOf(await tell({ id: 'a', port: 1 })) ?? '', /not tracked here/)
        assert.equal(failureOf(await tell({ id: 'a', port: 1, hash: '%07'.repeat(20) })), null)
        assert.equal(tracker.stats().swarms, 1)
      },
      { isAllowed: infoHash => infoHash[0] === 7 },
    ))

  test('forgets who is silent for longer than his lifetime, by its own clock', async () => {
    let now = 0
    const clock = { monotonic: () => now, wall: () => 0 }
    await withTracker(
      async ({ tell }) => {
        await tell({ id: 'silent', port: 6881 })
        now += 46 * 60_000
        assert.deepEqual(peers(await tell({ id: 'asker', port: 6882 })), [])
      },
      { clock },
    )
  })
})

suite('whose address a tracker hands out', { timeout: 20_000 }, () => {
  test('is the one that the announce came from, not what it says', () =>
    withTracker(
      async ({ tell }) => {
        await tell(
          { id: 'liar', port: 6881, more: '&ip=203.0.113.9&ipv4=203.0.113.9&ipv6=2001:db8::9' },
          '127.0.0.5',
        )
        assert.deepEqual(peers(await tell({ id: 'asker', port: 6882 })), ['127.0.0.5:6881'])
      },
      { honoursIpFrom: 'nobody' },
    ))

  test('is what a peer beside the tracker says of itself', () =>
    withTracker(async ({ tell }) => {
      await tell({ id: 'origin', port: 6881, more: '&ip=203.0.113.9' })
      assert.deepEqual(peers(await tell({ id: 'asker', port: 6882 })), ['203.0.113.9:6881'])
    }))

  test('is never one that nobody can reach, a name, or nonsense', () =>
    withTracker(async ({ tell }) => {
      const odd = [
        '0.0.0.0',
        '255.255.255.255',
        '239.1.1.1',
        'tracker.example',
        '127.1',
        '::',
        '%00',
        '1.2.3.4.5',
      ]
      for (const [i, ip] of odd.entries()) await tell({ id: `odd${i}`, port: 7000 + i, more: `&ip=${ip}` })
      const told = peers(await tell({ id: 'asker', port: 6882 }))
      assert.deepEqual(
        told,
        odd.map((_, i) => `127.0.0.1:${7000 + i}`),
      )
    }))

  test('is never taken from `ipv6`, which BEP 7 discourages', () =>
    withTracker(async ({ tell }) => {
      await tell({ id: 'origin', port: 6881, more: '&ipv6=2001:db8::9' })
      assert.deepEqual(peers(await tell({ id: 'asker', port: 6882 })), ['127.0.0.1:6881'])
    }))
})

suite('the tracker over IPv6', { timeout: 20_000 }, () => {
  test('gives peers of both families in lists of their own', async () => {
    await using tracker = await startTracker({ bind: ['127.0.0.1', '::1'], httpPort: 0 })
    assert.equal(tracker.addresses.length, 2)
    assert.equal(tracker.addresses[0]?.port, tracker.addresses[1]?.port)
    const tell = async (host: string, peer: Peer) => {
      const connection = await RawHttp.open(tracker.address.port, host)
      const answer = await connection.get(target(peer))
      connection.close()
      return answer?.body ?? ''
    }
    await tell('127.0.0.1', { id: 'four', port: 6881 })
    await tell('::1', { id: 'six', port: 6882 })
    const body = await tell('::1', { id: 'asker', port: 6883 })
    assert.ok(body.endsWith(`5:peers6:\x7f\0\0\x01\x1a\xe16:peers618:${'\0'.repeat(15)}\x01\x1a\xe2e`))
    assert.deepEqual(peers(await tell('127.0.0.1', { id: 'asker', port: 6883, more: '&compact=0' })), [
      '127.0.0.1:6881',
      '[::1]:6882',
    ])
  })
})

suite('seeds in the tracker’s own process', { timeout: 20_000 }, () => {
  const infoHash = Uint8Array.from([
    0x12,
    0x34,
    0x56,
    0x78,
    0x9a,
    0xbc,
    0xde,
    0xf0,
    ...Array.from({ length: 12 }, () => 0),
  ])
  const seed = { infoHash, peerId: latin1Bytes('-SH0100-own-seed-xxx'), port: 4000 }

  test('are known under the address by which somebody on this machine asks', () =>
    withTracker(
      async ({ tell, tracker }) => {
        const forget = tracker.registerLocal(seed)
        const body = await tell({ id: 'leech', port: 6881 })
        assert.deepEqual(peers(body), ['127.0.0.1:4000'])
        assert.equal(asInteger(read(body).get('complete')), 1)
        assert.equal(tracker.stats().localSeeds, 1)
        forget()
        assert.deepEqual(peers(await tell({ id: 'leech', port: 6881 })), [])
      },
      { externalHost: '203.0.113.7' },
    ))

  test('are told to a seed that starts: it may know only a magnet link', () =>
    withTracker(async ({ tell, tracker }) => {
      tracker.registerLocal(seed)
      const started = (more: string) =>
        tell({ id: 'magnet', port: 6881, left: 0, more: `&event=started${more}` })
      assert.deepEqual(peers(await started('')), ['127.0.0.1:4000'])
      await tell({ id: 'leech', port: 6882 })
      assert.deepEqual(peers(await started('&numwant=1')), ['127.0.0.1:6882'])
    }))

  test('are not told to seeds, to who leaves and to who wants nobody', () =>
    withTracker(async ({ tell, tracker }) => {
      tracker.registerLocal(seed)
      assert.deepEqual(peers(await tell({ id: 'seed', port: 6881, left: 0 })), [])
      assert.deepEqual(peers(await tell({ id: 'leech', port: 6882, more: '&event=stopped' })), [])
      assert.deepEqual(peers(await tell({ id: 'leech', port: 6882, more: '&numwant=0' })), [])
      assert.deepEqual(peers(await tell({ id: 'leech', port: 6882, more: '&numwant=1' })), ['127.0.0.1:4000'])
    }))

  test('name their ids in dictionaries, and count in a scrape', () =>
    withTracker(async ({ tell, tracker, open }) => {
      tracker.registerLocal(seed)
      const body = await tell({ id: 'leech', port: 6881, more: '&compact=0' })
      assert.match(body, /d2:ip9:127\.0\.0\.17:peer id20:-SH0100-own-seed-xxx4:porti4000ee/)
      const connection = await open()
      const answer = await connection.get(`/scrape?info_hash=${HASH}`)
      assert.equal(decodeScrapeResponse(latin1Bytes(answer?.body ?? ''))[0]?.complete, 1)
      connection.close()
    }))
})

suite('a tracker without a site', { timeout: 20_000 }, () => {
  const cases: [what: string, request: string, status: number][] = [
    ['HEAD', `HEAD ${target({ id: 'a', port: 1 })} HTTP/1.1\r\nHost: x\r\n\r\n`, 200],
    ['the absolute form', `GET http://x${target({ id: 'a', port: 1 })} HTTP/1.1\r\nHost: x\r\n\r\n`, 200],
    ['POST', 'POST /announce HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n', 405],
    ['CONNECT', 'CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n', 0],
    ['another path', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['a body', 'GET /announce HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi', 400],
    ['chunks', 'GET /announce HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['nonsense', '\x00\x01\x02\r\n\r\n', 400],
    ['headers beyond all measure', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(9000)}\r\n\r\n`, 431],
  ]
  for (const [what, request, status] of cases) {
    test(`answers ${what} with ${status || 'a closed connection'}`, () =>
      withTracker(async ({ open }) => {
        const connection = await open()
        connection.send(request)
        const answer = await connection.answer(what !== 'HEAD')
        assert.equal(answer?.status ?? 0, status)
        connection.close()
      }))
  }

  test('says where to announce', () =>
    withTracker(async ({ tracker, tell }) => {
      assert.equal(tracker.announceUrl, `http://127.0.0.1:${tracker.address.port}/announce`)
      await tell({ id: 'a', port: 1 })
      assert.equal(tracker.stats().announces, 1)
    }))

  test('says where it can be reached from outside', () =>
    withTracker(
      async ({ tracker }) => {
        assert.equal(tracker.announceUrl, `http://203.0.113.7:${tracker.address.port}/announce`)
      },
      { externalHost: '203.0.113.7' },
    ))

  test('refuses options that make no sense', async () => {
    const isRefused = (code: string) => (error: unknown) => error instanceof UsageError && error.code === code
    await assert.rejects(startTracker({ bind: ['192.0.2.1'], httpPort: 0 }), isRefused('address-unavailable'))
    await assert.rejects(
      startTracker({ bind: ['127.0.0.1'], httpPort: 0, memoryLimit: 5 }),
      isRefused('memory-limit-invalid'),
    )
  })
})
