import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { address } from '../../../src/core/address.ts'
import type { Logger } from '../../../src/core/ports.ts'
import { TcpNetwork } from '../../../src/net/tcp.ts'
import { UdpNetwork } from '../../../src/net/udp.ts'
import { datagramNetworkContract } from '../../contract/datagram-network.ts'
import { DatagramRecorder } from '../../contract/datagram-recorder.ts'

const loopback = address('127.0.0.1', 0)
const network = new UdpNetwork()

datagramNetworkContract('UdpNetwork', () => new UdpNetwork(), loopback)
datagramNetworkContract('UdpNetwork over IPv6', () => new UdpNetwork(), address('::1', 0))

describe('UdpNetwork', { timeout: 20_000 }, () => {
  it('binds IPv6 beside IPv4 on one port, and each hears its own', async () => {
    const ipv4 = await DatagramRecorder.bind(network, address('0.0.0.0', 0))
    const { port } = ipv4.local
    const ipv6 = await DatagramRecorder.bind(network, address('::', port))
    assert.equal(ipv6.local.port, port)
    const [from4, from6] = await Promise.all([
      network.bind(loopback, () => {}),
      network.bind(address('::1', 0), () => {}),
    ])
    from4.send(Uint8Array.of(4), address('127.0.0.1', port))
    from6.send(Uint8Array.of(6), address('::1', port))
    await Promise.all([ipv4.until(1), ipv6.until(1)])
    assert.deepEqual(ipv4.received, [{ bytes: Uint8Array.of(4), from: from4.local }])
    assert.deepEqual(ipv6.received, [{ bytes: Uint8Array.of(6), from: from6.local }])
    await Promise.all([ipv4.socket, ipv6.socket, from4, from6].map(socket => socket.close()))
  })

  it('takes a number that TCP has', async () => {
    const listener = await new TcpNetwork().listen(loopback, socket => socket.destroy())
    const socket = await network.bind(listener.local, () => {})
    assert.deepEqual(socket.local, listener.local)
    await Promise.all([listener.close(), socket.close()])
  })

  it('does not share a port with a program that would', async () => {
    const other = createSocket({ type: 'udp4', reuseAddr: true }).bind(0, '127.0.0.1')
    await once(other, 'listening')
    const at = address('127.0.0.1', other.address().port)
    await assert.rejects(
      network.bind(at, () => {}),
      { name: 'UsageError', code: 'port-in-use', message: new RegExp(`127.0.0.1:${at.port} is in use`) },
    )
    other.close()
  })

  it('lives on when the system says that nobody is there', async () => {
    const gone = await network.bind(loopback, () => {})
    await gone.close()
    const here = await DatagramRecorder.bind(network, loopback)
    for (let times = 0; times < 20; times++) {
      here.socket.send(Uint8Array.of(1), gone.local)
      here.socket.send(Uint8Array.of(2), here.local)
      await here.until(times + 1)
    }
    assert.equal(here.received.length, 20)
    await here.socket.close()
  })

  it('drops what has no way to where it shall go', async () => {
    const here = await DatagramRecorder.bind(network, loopback)
    here.socket.send(Uint8Array.of(1), address('192.0.2.1', 9)) // loopback leads nowhere else
    here.socket.send(Uint8Array.of(2), here.local)
    await here.until(1)
    assert.equal(here.socket.dropped, 1)
    await here.socket.close()
  })

  it('counts what the system would not take, also when it was closed meanwhile', async () => {
    const here = await network.bind(loopback, () => {})
    for (let times = 0; times < 3; times++) here.send(new Uint8Array(65_600), here.local)
    await here.close()
    assert.equal(here.dropped, 3)
  })

  it('hands out plain bytes', async () => {
    const kinds: unknown[] = []
    const here = await network.bind(loopback, bytes => kinds.push(bytes.constructor))
    const marker = await DatagramRecorder.bind(network, loopback)
    here.send(Uint8Array.of(1), here.local)
    here.send(Uint8Array.of(1), marker.local)
    await marker.until(1)
    here.send(Uint8Array.of(1), marker.local)
    await marker.until(2)
    assert.deepEqual(kinds, [Uint8Array])
    await Promise.all([here.close(), marker.socket.close()])
  })

  it('logs errors of a receiver, ever more seldom', async () => {
    const error = new Error('the receiver is broken')
    const logged: unknown[] = []
    const logger: Logger = { log: (level, _message, fields) => logged.push([level, fields]) }
    const there = await DatagramRecorder.bind(new UdpNetwork({ logger }), loopback)
    there.onDatagram = () => {
      throw error
    }
    for (let times = 1; times <= 9; times++) {
      there.socket.send(Uint8Array.of(times), there.local)
      await there.until(times)
    }
    assert.deepEqual(
      logged,
      [1, 2, 4, 8].map(times => ['error', { error, times }]),
    )
    await there.socket.close()
  })

  it('lets only so many wait for the system, and sends those', async () => {
    const worker = new Worker(new URL('udp-queue-worker.ts', import.meta.url), {
      workerData: { sendQueue: 8, count: 20 },
      // Node's own tests have it: nothing is sent within the turn, as if the system took nothing.
      execArgv: ['--test-udp-no-try-send'],
    })
    const [outcome] = (await once(worker, 'message')) as [unknown]
    assert.deepEqual(outcome, { dropped: 12, marks: [0, 1, 2, 3, 4, 5, 6, 7, 255] })
  })
})
