import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Address, address } from '../../../src/core/address.ts'
import { listenBoth } from '../../../src/core/listen-both.ts'
import { openListeners, openListenersFrom } from '../../../src/net/listeners.ts'
import { TcpNetwork } from '../../../src/net/tcp.ts'
import { UdpNetwork } from '../../../src/net/udp.ts'
import { DatagramRecorder } from '../../contract/datagram-recorder.ts'

const streams = new TcpNetwork()
const datagrams = new UdpNetwork()
const networks = { streams, datagrams, accept: () => {}, receive: () => {} }
const open = (at: Address) => listenBoth(at, networks)

describe('listenBoth on real sockets', { timeout: 10_000 }, () => {
  it('gives several places one number for TCP and UDP', async () => {
    const hosts = ['127.0.0.1', '::1', '127.0.0.2']
    const listeners = await openListeners(
      hosts.map(host => ({ address: address(host, 0) })),
      open,
    )
    const places = listeners.all.flatMap(place => [place.local, place.datagrams.local])
    const [{ port } = address('127.0.0.1', 0)] = places
    assert.deepEqual(
      places,
      hosts.flatMap(host => [address(host, port), address(host, port)]),
    )
    await listeners.close()
  })

  it('passes over a number whose UDP is taken', async t => {
    const blocker = await datagrams.bind(address('127.0.0.1', 0), () => {})
    t.after(() => blocker.close())
    const listeners = await openListenersFrom([{ address: blocker.local }], open, 20)
    t.after(() => listeners.close())
    assert.ok(listeners.all[0]!.local.port > blocker.local.port)
    await assert.rejects(open(blocker.local), { name: 'UsageError', code: 'port-in-use' })
  })

  it('carries both at once', async () => {
    const received = Promise.withResolvers<Address>()
    const accepted = Promise.withResolvers<Address>()
    const place = await listenBoth(address('127.0.0.1', 0), {
      streams,
      datagrams,
      accept(socket) {
        accepted.resolve(socket.remote)
        socket.destroy()
      },
      receive: (_datagram, from) => received.resolve(from),
    })
    const other = await DatagramRecorder.bind(datagrams, address('127.0.0.1', 0))
    other.socket.send(Uint8Array.of(1), place.local)
    const socket = await streams.dial(place.local, { signal: new AbortController().signal })
    assert.deepEqual(await received.promise, other.local)
    assert.deepEqual(await accepted.promise, socket.local)
    place.datagrams.send(Uint8Array.of(2), other.local)
    await other.until(1)
    assert.deepEqual(other.received[0]?.from, place.local)
    socket.destroy()
    await Promise.all([place.close(), other.socket.close()])
  })
})
