import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { suite, test } from 'node:test'
import { address } from '../../../src/core/address.ts'
import { latin1Bytes } from '../../../src/core/bytes.ts'
import { UsageError } from '../../../src/core/errors.ts'
import type { DOOR_LIMITS } from '../../../src/net/door/limits.ts'
import { type FrontDoor, openFrontDoor } from '../../../src/net/front-door.ts'
import { RawHttp } from '../../support/raw-http.ts'

/** The site behind the door says how it was asked. */
function site(): Server {
  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void bodyOf(request).then(body => {
      response.end(`site: ${request.method} ${request.url} ${body}`)
    })
  })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

interface House {
  readonly door: FrontDoor
  readonly open: () => Promise<RawHttp>
}

/** A door that answers `/announce` with what it was asked, before a site. */
async function inHouse(
  story: (house: House) => Promise<void>,
  limits: Partial<typeof DOOR_LIMITS> = {},
): Promise<void> {
  const behind = site()
  const door = await openFrontDoor(address('127.0.0.1', 0), {
    isAnswered: path => path === '/announce',
    answer: (path, query, caller) => latin1Bytes(`door: ${path} ${query} ${caller.scope}`),
    behind,
    limits: { checkInterval: 10, ...limits },
  })
  const opened: RawHttp[] = []
  const open = async () => {
    const connection = await RawHttp.open(door.local.port)
    opened.push(connection)
    return connection
  }
  try {
    await story({ door, open })
  } finally {
    for (const connection of opened) connection.close()
    await door.close()
    behind.close()
  }
}

const HOST = 'Host: tracker.example\r\n'

suite('the front door', { timeout: 20_000 }, () => {
  test('answers its own paths, the site all others, on one connection', () =>
    inHouse(async ({ open }) => {
      const connection = await open()
      assert.equal((await connection.get('/announce?a=%01'))?.body, 'door: /announce a=%01 loopback')
      assert.equal((await connection.get('/announce'))?.body, 'door: /announce  loopback')
      assert.equal((await connection.get('/torrents/1'))?.body, 'site: GET /torrents/1 ')
      assert.equal((await connection.get('/announce'))?.body, 'site: GET /announce ', 'never back')
    }))

  test('answers requests that come together in their order, also across the hand-over', () =>
    inHouse(async ({ open }) => {
      const connection = await open()
      const gets = ['/announce?1', '/announce?2', '/site', '/announce?3']
      connection.send(gets.map(target => `GET ${target} HTTP/1.1\r\n${HOST}\r\n`).join(''))
      const bodies: (string | undefined)[] = []
      for (const _ of gets) bodies.push((await connection.answer())?.body)
      assert.deepEqual(bodies, [
        'door: /announce 1 loopback',
        'door: /announce 2 loopback',
        'site: GET /site ',
        'site: GET /announce?3 ',
      ])
    }))

  test('answers requests that come in pieces, split anywhere', () =>
    inHouse(
      async ({ open }) => {
        const request = `GET /announce?q HTTP/1.1\r\n${HOST}Accept: */*\r\n\r\n`
        const connections = await Promise.all(Array.from({ length: request.length - 1 }, open))
        for (const [i, connection] of connections.entries()) {
          connection.socket.setNoDelay(true)
          connection.send(request.slice(0, i + 1))
        }
        // What was sent first has arrived when a later answer is there.
        await (await open()).get('/announce')
        for (const [i, connection] of connections.entries()) connection.send(request.slice(i + 1))
        for (const connection of connections) {
          assert.equal((await connection.answer())?.body, 'door: /announce q loopback')
        }
      },
      { connectionsPerHost: 1000 },
    ))

  test('hands on a body whole, whatever part of it was read', () =>
    inHouse(async ({ open }) => {
      const connection = await open()
      const body = 'x'.repeat(100_000)
      connection.send(
        `POST /upload HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 50_000)}`,
      )
      connection.send(body.slice(50_000))
      assert.equal((await connection.answer())?.body, `site: POST /upload ${body}`)
    }))

  const handedOn: [what: string, request: string, status: number][] = [
    ['another method', `HEAD /announce HTTP/1.1\r\n${HOST}\r\n`, 200],
    ['the absolute form', `GET http://x/announce HTTP/1.1\r\n${HOST}\r\n`, 200],
    ['a body', `GET /announce HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\nhi`, 200],
    ['a chunked body', `GET /announce HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 200],
    [
      'a length and chunks',
      `GET /announce HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['two lengths', `GET /announce HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: 2\r\n\r\nhi`, 400],
    ['a space before the colon', `GET /announce HTTP/1.1\r\n${HOST}Content-Length : 0\r\n\r\n`, 400],
    ['a folded header', `GET /announce HTTP/1.1\r\n${HOST}A: b\r\n c\r\n\r\n`, 400],
    ['no host', 'GET /announce HTTP/1.1\r\n\r\n', 400],
    ['a control character', `GET /announce HTTP/1.1\r\n${HOST}A: \x01\r\n\r\n`, 400],
    ['an unknown version', `GET /announce HTTP/1.2\r\n${HOST}\r\n`, 400],
    ['nonsense', 'NONSENSE\r\n\r\n', 400],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['an expectation', `GET /announce HTTP/1.1\r\n${HOST}Expect: 100-continue\r\n\r\n`, 100],
  ]
  for (const [what, request, status] of handedOn) {
    test(`leaves ${what} to the server behind it`, () =>
      inHouse(async ({ open }) => {
        const connection = await open()
        connection.send(request)
        const answer = await connection.answer()
        assert.equal(answer?.status, status)
        assert.ok(!answer.body.startsWith('door'), answer.body)
      }))
  }

  test('closes when it is asked to, and keeps HTTP/1.0 open only when it is asked to', () =>
    inHouse(async ({ open }) => {
      const closing = await open()
      const answer = await closing.get('/announce', 'Connection: close\r\n')
      assert.equal(answer?.headers.get('connection'), 'close')
      assert.equal(await closing.closed(), '')

      const old = await open()
      old.send('GET /announce?1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
      assert.equal((await old.answer())?.headers.get('connection'), 'keep-alive')
      old.send('GET /announce?2 HTTP/1.0\r\n\r\n')
      assert.equal((await old.answer())?.body, 'door: /announce 2 loopback')
      assert.equal(await old.closed(), '')
    }))

  test('answers who closes his side after asking', () =>
    inHouse(async ({ open }) => {
      const connection = await open()
      connection.socket.end(`GET /announce HTTP/1.1\r\n${HOST}\r\n`)
      assert.equal((await connection.answer())?.status, 200)
    }))

  test('cuts who is slow to ask, however he dribbles', () =>
    inHouse(
      async ({ open }) => {
        const silent = await open()
        const half = await open()
        half.send('GET /ann')
        const dribbling = await open()
        const dribble = setInterval(() => dribbling.send('a'), 20)
        dribbling.send(`GET /announce HTTP/1.1\r\nX: `)
        assert.equal(await silent.closed(), '')
        assert.match(await half.closed(), /^HTTP\/1\.1 408 /)
        assert.match(await dribbling.closed(), /^HTTP\/1\.1 408 /)
        clearInterval(dribble)
      },
      { headTimeout: 200 },
    ))

  test('ends a connection that is idle for too long', () =>
    inHouse(
      async ({ open }) => {
        const connection = await open()
        await connection.get('/announce')
        assert.equal(await connection.closed(), '')
      },
      { idleTimeout: 100 },
    ))

  test('refuses a head that is too long', () =>
    inHouse(async ({ open }) => {
      const connection = await open()
      connection.send(`GET /announce?${'a'.repeat(9000)}`)
      const answer = await connection.closed()
      // Nobody knows the path before the line is whole, so it is the door that must say no.
      assert.match(answer, /^HTTP\/1\.1 431 /)
    }))

  test('counts the connections that are open', () =>
    inHouse(async ({ open, door }) => {
      const first = await open()
      await first.get('/announce')
      assert.equal(door.connectionCount, 1)
      first.close()
    }))

  test('makes room for a new connection by ending the one that was idle for longest', () =>
    inHouse(
      async ({ open }) => {
        const oldest = await open()
        await oldest.get('/announce')
        const busy = await open()
        busy.send('GET /anno')
        const younger = await open()
        await younger.get('/announce')
        const newcomer = await open()
        assert.equal((await newcomer.get('/announce'))?.status, 200)
        assert.equal(await oldest.closed(), '')
        busy.send(`unce HTTP/1.1\r\n${HOST}\r\n`)
        assert.equal((await busy.answer())?.status, 200)
        assert.equal((await younger.get('/announce'))?.status, 200)
      },
      { connections: 3 },
    ))

  test('stops reading from who does not read, and cuts him', () =>
    inHouse(
      async ({ open }) => {
        const connection = await open()
        connection.socket.pause()
        const request = `GET /announce?${'q'.repeat(4000)} HTTP/1.1\r\n${HOST}\r\n`
        connection.send(request.repeat(8000))
        await connection.closed()
        assert.ok(connection.socket.bytesWritten > 0)
      },
      { sendTimeout: 300 },
    ))

  test('drains: answers what was asked, ends what is idle, takes nobody more', () =>
    inHouse(async ({ open, door }) => {
      const idle = await open()
      await idle.get('/announce')
      const visitor = await open()
      await visitor.get('/page')
      await door.close()
      assert.equal(await idle.closed(), '')
      assert.equal(await visitor.closed(), '')
      assert.equal(door.connectionCount, 0)
      await assert.rejects(RawHttp.open(door.local.port))
    }))

  test('says so where its port is in use', () =>
    inHouse(async ({ door }) => {
      const options = { isAnswered: () => false, answer: () => new Uint8Array(0), behind: site() }
      await assert.rejects(
        openFrontDoor(door.local, options),
        (error: unknown) => error instanceof UsageError && error.code === 'port-in-use',
      )
    }))
})
