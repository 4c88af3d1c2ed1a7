import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import { it, suite } from 'node:test'
import fc from 'fast-check'
import { hostBytes } from '../../src/core/address.ts'
import { DoorConnection } from '../../src/net/door/door-connection.ts'
import { DOOR_LIMITS } from '../../src/net/door/limits.ts'

/** FUZZ_RUNS sets how many inputs are tried for each question. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300)

/** Short, so that inputs get to it. */
const limits = { ...DOOR_LIMITS, headLength: 120 }
const caller = {
  host: '192.0.2.1',
  hostBytes: hostBytes('192.0.2.1'),
  scope: 'global',
  localHost: '192.0.2.2',
} as const

/** What the door makes of a connection: what it answers, what it asks its owner, and what it gives away. */
interface Outcome {
  readonly sent: string
  readonly asked: string[]
  /** All that was read and not answered; null where nothing was handed over. */
  readonly handedOver: string | null
}

/** Lets the door read these bytes in these chunks. What comes after it gave the connection away goes to the other. */
async function read(chunks: readonly Buffer[]): Promise<Outcome> {
  const sent: Buffer[] = []
  const asked: string[] = []
  const handed: Buffer[] = []
  let isHanded = false
  const socket = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      sent.push(chunk)
      done()
    },
  })
  socket.on('error', () => undefined)
  new DoorConnection({
    socket,
    caller,
    limits,
    now: () => 0,
    isAnswered: path => path === '/announce' || path === '/scrape',
    answer: (path, query) => {
      asked.push(`${path}?${query}`)
      return Buffer.from('answer')
    },
    handOver: held => {
      isHanded = true
      handed.push(held)
    },
  })
  for (const chunk of chunks) {
    if (isHanded) handed.push(chunk)
    else if (!socket.destroyed) socket.push(chunk)
    await new Promise<void>(resolve => setImmediate(resolve))
  }
  socket.destroy()
  return {
    sent: Buffer.concat(sent).toString('latin1'),
    asked,
    handedOver: isHanded ? Buffer.concat(handed).toString('latin1') : null,
  }
}

const line = fc.oneof(
  fc.constantFrom(
    ...[
      'Host: x',
      'Connection: close',
      'Connection: keep-alive',
      'Content-Length: 0',
      'Content-Length: 5',
      'X: y',
    ],
    ...[
      'Transfer-Encoding: chunked',
      'Expect: 100-continue',
      'Upgrade: websocket',
      ' folded',
      'no colon',
      'Host : x',
      '',
    ],
  ),
  fc.string({ maxLength: 140 }),
)
const target = fc.constantFrom(
  '/announce?a=b',
  '/scrape',
  '/announce',
  '/',
  '/other?x',
  'http://h/announce',
  '*',
  '/announce#x',
  '//announce',
  '/%61nnounce',
)
const odd = fc
  .tuple(
    fc.constantFrom('GET', 'GET', 'GET', 'POST', 'get', 'HEAD', 'G', ''),
    target,
    fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', ''),
    fc.array(line, { maxLength: 4 }),
    fc.constantFrom('\r\n', '\r\n', '\n'),
  )
  .map(([method, path, version, lines, eol]) => [`${method} ${path} ${version}`, ...lines, '', ''].join(eol))
const plain = fc
  .tuple(
    fc.constantFrom('/announce?a=b', '/scrape', '/page'),
    fc.subarray(['User-Agent: x', 'Accept: */*', 'Connection: keep-alive', `Long: ${'x'.repeat(40)}`]),
  )
  .map(([path, lines]) => [`GET ${path} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n'))
const request = fc.oneof(plain, plain, odd)
const bytes = fc.oneof(
  fc.array(request, { minLength: 1, maxLength: 3 }).map(all => Buffer.from(all.join(''), 'latin1')),
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map(all => Buffer.from(all)),
)

function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map(place => place % (whole.length + 1)))].toSorted((a, b) => a - b)
  const chunks: Buffer[] = []
  let start = 0
  for (const end of [...ends, whole.length]) {
    if (end > start) chunks.push(Buffer.from(whole.subarray(start, end)))
    start = Math.max(start, end)
  }
  return chunks
}

suite('the front door', () => {
  it('decides the same however the bytes are cut, and loses none that it gives away', async () => {
    let answered = 0
    let given = 0
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(fc.nat(), { maxLength: 6 }), async (whole, places) => {
        const atOnce = await read([whole])
        assert.deepEqual(await read(cut(whole, places)), atOnce)
        if (atOnce.asked.length > 0) answered++
        if (atOnce.handedOver === null) return
        given++
        assert.ok(whole.toString('latin1').endsWith(atOnce.handedOver))
      }),
      { numRuns },
    )
    assert.ok(answered > numRuns / 50 && given > numRuns / 10, `${answered} answered, ${given} given away`)
  })
})
