import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { type Address, address } from '../../../src/core/address.ts'
import type { StreamSocket } from '../../../src/core/ports.ts'
import { NET_LIMITS } from '../../../src/net/limits.ts'
import { TcpNetwork } from '../../../src/net/tcp.ts'
import { streamNetworkContract } from '../../contract/stream-network.ts'
import { StreamRecorder } from '../../contract/stream-recorder.ts'

const loopback = address('127.0.0.1', 0)
const never = new AbortController().signal

streamNetworkContract('TcpNetwork', () => new TcpNetwork(), loopback)
streamNetworkContract('TcpNetwork over IPv6', () => new TcpNetwork(), address('::1', 0))
streamNetworkContract(
  'TcpNetwork without shared handles',
  () => new TcpNetwork({ sharesHandles: false }),
  loopback,
)

/** A server of plain sockets that does what the story wants with each. */
async function withServer(
  onConnection: (socket: Socket) => void,
  story: (at: Address) => Promise<void>,
): Promise<void> {
  const server = createServer(onConnection).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  assert.ok(bound !== null && typeof bound === 'object')
  try {
    await story(address('127.0.0.1', bound.port))
  } finally {
    server.close()
  }
}

/** A place whose queue of connections is full and that takes none: nobody answers, nobody refuses. */
async function withDeafListener(story: (at: Address) => Promise<void>): Promise<void> {
  const code = `
    const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
    })`
  const worker = new Worker(code, { eval: true })
  const [port] = (await once(worker, 'message')) as [number]
  const fillers: Socket[] = []
  for (let isFull = false; !isFull; ) {
    const filler = connect(port, '127.0.0.1').on('error', () => {})
    fillers.push(filler)
    isFull = await Promise.race([
      once(filler, 'connect').then(() => false),
      new Promise<boolean>(resolve => setTimeout(resolve, 200, true)),
    ])
  }
  try {
    await story(address('127.0.0.1', port))
  } finally {
    for (const filler of fillers) filler.destroy()
    await worker.terminate()
  }
}

describe('TcpNetwork', { timeout: 20_000 }, () => {
  it('reads all sockets into one buffer and hands out plain bytes', async () => {
    const buffers = new Set<ArrayBufferLike>()
    const kinds = new Set<unknown>()
    const network = new TcpNetwork()
    const accepting = Promise.withResolvers<StreamSocket>()
    const listener = await network.listen(loopback, accepting.resolve)
    const dialed = await network.dial(listener.local, { signal: never })
    const ends = [dialed, await accepting.promise]
    const heard = ends.map(end => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const received = (chunk: Uint8Array) => {
        buffers.add(chunk.buffer)
        kinds.add(chunk.constructor)
        resolve()
      }
      end.start({ received, drained() {}, closed() {} })
      end.write(Uint8Array.of(1, 2, 3))
      return promise
    })
    await Promise.all(heard)
    assert.equal(buffers.size, 1)
    assert.deepEqual([...kinds], [Uint8Array])
    for (const end of ends) end.destroy()
    await listener.close()
  })

  it('sends the writes of one turn in one piece', async () => {
    await withServer(
      socket => socket.pipe(socket),
      async at => {
        const end = new StreamRecorder(await new TcpNetwork().dial(at, { signal: never })).start()
        for (let i = 0; i < 20; i++) end.write(Uint8Array.of(i))
        await end.until(() => end.length === 20)
        assert.equal(end.count('received'), 1)
        end.socket.destroy()
      },
    )
  })

  it('says that a connection was reset', async () => {
    await withServer(
      socket => socket.on('data', () => socket.resetAndDestroy()),
      async at => {
        const end = new StreamRecorder(await new TcpNetwork().dial(at, { signal: never })).start()
        end.write(Uint8Array.of(1))
        await end.closed()
        assert.equal(end.error?.name, 'ProtocolError')
        assert.equal(end.error?.code, 'connection-lost')
      },
    )
  })

  it('closes when the other side has sent its end, even if that one would go on reading', async () => {
    const server = createServer({ allowHalfOpen: true }, socket => socket.end('bye')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const bound = server.address()
    assert.ok(bound !== null && typeof bound === 'object')
    const at = address('127.0.0.1', bound.port)
    const end = new StreamRecorder(await new TcpNetwork().dial(at, { signal: never })).start()
    await end.closed()
    assert.equal(end.length, 3)
    assert.equal(end.error, null)
    server.close()
  })

  it('dials from the address it is told to', async () => {
    await withServer(
      socket => socket.resume(),
      async at => {
        const from = address('127.0.0.2', 0)
        const socket = await new TcpNetwork().dial(at, { from, signal: never })
        assert.equal(socket.local.host, '127.0.0.2')
        socket.destroy()
        const elsewhere = new TcpNetwork().dial(at, { from: address('192.0.2.1', 0), signal: never })
        await assert.rejects(elsewhere, { code: 'dial-failed' })
      },
    )
  })

  it('gives up a dial that nobody answers, and goes on with the next in line', async () => {
    await withDeafListener(async deaf => {
      const network = new TcpNetwork({ dialTimeout: 100, halfOpenDials: 1 })
      const unanswered = network.dial(deaf, { signal: never })
      const controller = new AbortController()
      const waiting = network.dial(deaf, { signal: controller.signal })
      const listener = await network.listen(loopback, socket => socket.destroy())
      const next = network.dial(listener.local, { signal: never })
      controller.abort(new Error('left the line'))
      await assert.rejects(waiting, { message: 'left the line' })
      await assert.rejects(unanswered, { code: 'dial-failed', message: /no answer within 0.1 s/ })
      const socket = await next
      socket.destroy()
      await listener.close()
    })
  })

  it('gives up a dial when its signal says so', async () => {
    await withDeafListener(async deaf => {
      const controller = new AbortController()
      const dial = new TcpNetwork().dial(deaf, { signal: controller.signal })
      setImmediate(() => controller.abort(new Error('enough')))
      await assert.rejects(dial, { message: 'enough' })
    })
  })

  it('takes many connections from loopback, and counts those that have gone', async () => {
    const network = new TcpNetwork()
    let accepted = 0
    const all = Promise.withResolvers<void>()
    const count = NET_LIMITS.acceptedPerAddress + 10
    const listener = await network.listen(loopback, socket => {
      socket.destroy()
      if (++accepted === count) all.resolve()
    })
    const sockets = Array.from({ length: count }, () => connect(listener.local.port, '127.0.0.1'))
    for (const socket of sockets) socket.on('error', () => {}).resume()
    await all.promise
    for (const socket of sockets) socket.destroy()
    await listener.close()
  })

  it('says why it cannot listen', async () => {
    const network = new TcpNetwork()
    const unavailable = network.listen(address('192.0.2.1', 0), () => {})
    await assert.rejects(unavailable, {
      name: 'UsageError',
      code: 'address-unavailable',
      message: /choose one that is/,
    })
  })

  it('listens for IPv6 beside IPv4 on one port', async () => {
    const network = new TcpNetwork()
    const ipv4 = await network.listen(address('0.0.0.0', 0), () => {})
    const ipv6 = await network.listen(address('::', ipv4.local.port), () => {})
    assert.equal(ipv6.local.port, ipv4.local.port)
    await Promise.all([ipv4.close(), ipv6.close()])
  })
})
