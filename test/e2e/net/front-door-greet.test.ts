import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { suite, test } from 'node:test'
import { connect, TLSSocket } from 'node:tls'
import { address } from '../../../src/core/address.ts'
import { latin1Bytes } from '../../../src/core/bytes.ts'
import { type Greeting, openFrontDoor } from '../../../src/net/front-door.ts'
import { RawHttp } from '../../support/raw-http.ts'
import { TEST_CERTIFICATE, TEST_KEY } from './certificate.ts'

async function inHouse(greet: (socket: Socket) => Promise<Greeting>, story: (port: number) => Promise<void>) {
  const behind = createServer((request, response) => response.end(`site: ${request.socket.remoteAddress}`))
  const door = await openFrontDoor(address('127.0.0.1', 0), {
    isAnswered: path => path === '/announce',
    answer: (_path, _query, caller) => latin1Bytes(`door: ${caller.host}`),
    behind,
    greet,
    limits: { checkInterval: 10, headTimeout: 300 },
  })
  try {
    await story(door.local.port)
  } finally {
    await door.close()
    behind.close()
  }
}

async function overTls(socket: Socket): Promise<Greeting> {
  const stream = new TLSSocket(socket, { isServer: true, key: TEST_KEY, cert: TEST_CERTIFICATE })
  await once(stream, 'secure')
  return { stream }
}

/** The first line names the caller; what came with it belongs to HTTP. */
async function named(socket: Socket): Promise<Greeting> {
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  socket.pause().removeAllListeners('data')
  const end = chunk.indexOf('\r\n')
  return { stream: socket, caller: { host: chunk.toString('latin1', 6, end) }, read: chunk.subarray(end + 2) }
}

suite('what comes before HTTP', { timeout: 20_000 }, () => {
  test('may be TLS: an announce and a page are answered through it', () =>
    inHouse(overTls, async port => {
      const socket = connect({ port, host: '127.0.0.1', ca: TEST_CERTIFICATE })
      await once(socket, 'secureConnect')
      for (const [path, body] of [
        ['/announce', 'door: 127.0.0.1'],
        ['/page', 'site: 127.0.0.1'],
      ] as const) {
        socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
        let text = ''
        while (!text.includes(body)) text += String((await once(socket, 'data'))[0])
      }
      socket.destroy()
    }))

  test('may name the caller, for announces and for pages', () =>
    inHouse(named, async port => {
      const http = await RawHttp.open(port)
      http.send('PROXY 203.0.113.7\r\nGET /announce HTTP/1.1\r\nHost: a\r\n\r\n')
      assert.equal((await http.answer())?.body, 'door: 203.0.113.7')
      assert.equal((await http.get('/page'))?.body, 'site: 203.0.113.7')
      http.close()
    }))

  test('closes that connection alone where it fails or takes too long', () =>
    inHouse(named, async port => {
      const [bad, silent, good] = await Promise.all([1, 2, 3].map(() => RawHttp.open(port)))
      bad!.send('PROXY nobody\r\n')
      good!.send('PROXY 203.0.113.7\r\nGET /announce HTTP/1.1\r\nHost: a\r\n\r\n')
      assert.equal(await bad!.closed(), '')
      assert.equal((await good!.answer())?.status, 200)
      assert.equal(await silent!.closed(), '')
      good!.close()
    }))

  test('lets go of who hangs up meanwhile, and of what the greeting made of it', async () => {
    const behind = createServer()
    const late = Promise.withResolvers<Greeting>()
    const begun = Promise.withResolvers<Socket>()
    const door = await openFrontDoor(address('127.0.0.1', 0), {
      isAnswered: () => false,
      answer: () => new Uint8Array(),
      behind,
      greet: socket => {
        begun.resolve(socket.resume())
        return late.promise
      },
    })
    try {
      const http = await RawHttp.open(door.local.port)
      const socket = await begun.promise
      assert.equal(door.connectionCount, 1)
      http.close()
      await once(socket, 'close')
      assert.equal(door.connectionCount, 0)
      const stream = new PassThrough()
      late.resolve({ stream })
      await once(stream, 'close')
    } finally {
      await door.close()
      behind.close()
    }
  })
})
