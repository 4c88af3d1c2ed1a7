import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { suite, test } from 'node:test'
import { utf8Bytes, utf8Text } from '../../../src/core/bytes.ts'
import { askDevice } from '../../../src/net/ask-device.ts'
import { NET_LIMITS } from '../../../src/net/limits.ts'
import { SystemGateways } from '../../../src/net/system-gateways.ts'
import { PORTMAP_LIMITS } from '../../../src/portmap/limits.ts'
import type { DeviceRequest } from '../../../src/portmap/upnp-mapper.ts'

const LOCAL = '127.0.0.1'
const never = new AbortController().signal

async function device(listener: RequestListener | Server): Promise<{ port: number } & AsyncDisposable> {
  const server = typeof listener === 'function' ? createServer(listener) : listener
  await new Promise<void>(resolve => server.listen(0, LOCAL, resolve))
  const { port } = server.address() as AddressInfo
  return { port, [Symbol.asyncDispose]: () => new Promise(resolve => server.close(() => resolve())) }
}

function ask(port: number, more: Partial<DeviceRequest> = {}, signal = never) {
  const request: DeviceRequest = {
    url: { host: LOCAL, port, path: '/root.xml?x' },
    method: 'GET',
    headers: {},
    body: null,
    ...more,
  }
  return askDevice(request, { local: LOCAL, signal })
}

suite('askDevice', () => {
  test('asks the address in the URL, with what it was given and little else', async () => {
    let heard: unknown = null
    await using it = await device((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        heard = [request.method, request.url, request.rawHeaders, Buffer.concat(chunks).toString()]
        response.end('answer')
      })
    })
    const answer = await ask(it.port, {
      method: 'POST',
      headers: { SOAPAction: '"x"' },
      body: utf8Bytes('order'),
    })
    assert.deepEqual([answer.status, utf8Text(answer.bytes)], [200, 'answer'])
    const headers = [
      'SOAPAction',
      '"x"',
      'Connection',
      'close',
      'Content-Length',
      '5',
      'Host',
      `${LOCAL}:${it.port}`,
    ]
    assert.deepEqual(heard, ['POST', '/root.xml?x', headers, 'order'])
  })

  test('gives answers of any status, and follows none elsewhere', async () => {
    let asked = 0
    await using it = await device((_request, response) => {
      asked++
      response.writeHead(302, { location: '/elsewhere' }).end('x')
    })
    assert.equal((await ask(it.port)).status, 302)
    assert.equal(asked, 1)
  })

  test('takes as much as its bound and no more, said or not', async () => {
    for (const isSaid of [true, false]) {
      let length = PORTMAP_LIMITS.documentLength
      await using it = await device((_request, response) => {
        if (isSaid) response.setHeader('content-length', length)
        response.on('error', () => undefined)
        response.end(Buffer.alloc(length))
      })
      assert.equal((await ask(it.port)).bytes.length, length)
      length++
      await assert.rejects(ask(it.port), { code: 'response-too-large' })
    }
  })

  test('takes nothing that packs more than that', async () => {
    const { gzipSync } = await import('node:zlib')
    await using it = await device((_request, response) => {
      response.setHeader('content-encoding', 'gzip')
      response.end(gzipSync(Buffer.alloc(100 * PORTMAP_LIMITS.documentLength)))
    })
    await assert.rejects(ask(it.port), { code: 'response-too-large' })
  })

  test('rejects where nobody listens, and where something else than HTTP is spoken', async () => {
    const gone = await device(() => undefined)
    await gone[Symbol.asyncDispose]()
    await assert.rejects(ask(gone.port), { code: 'fetch-failed' })
    const server = createTcpServer(socket => {
      socket.on('error', () => undefined).on('data', () => socket.end('SSH-2.0-x\r\n'))
    })
    await using it = await device(server)
    await assert.rejects(ask(it.port), { code: 'response-invalid' })
  })

  test('ends with the signal, before and during an answer', async () => {
    const controller = new AbortController()
    await using it = await device((_request, response) => {
      response.write('x')
      controller.abort(new Error('enough'))
    })
    await assert.rejects(ask(it.port, {}, controller.signal), /enough/)
    await assert.rejects(ask(it.port, {}, controller.signal), /enough/)
  })

  test('waits five seconds at most', () => assert.equal(NET_LIMITS.deviceTimeout, 5000))
})

test('SystemGateways names each address of this machine once, and none that is none', async () => {
  const routes = await new SystemGateways().routes()
  assert.equal(new Set(routes.map(({ local }) => local)).size, routes.length)
  for (const { local, gateway } of routes) {
    assert.match(local, /^\d+\.\d+\.\d+\.\d+$/)
    assert.ok(gateway === null || /^\d+\.\d+\.\d+\.\d+$/.test(gateway))
  }
})
