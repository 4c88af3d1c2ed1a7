import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Address, address } from '../../src/core/address.ts'
import type { DatagramNetwork } from '../../src/core/ports.ts'
import { DatagramRecorder } from './datagram-recorder.ts'

interface Pair {
  readonly here: DatagramRecorder
  readonly there: DatagramRecorder
  readonly network: DatagramNetwork
}

const MARK = Uint8Array.of(99)

/** What every `DatagramNetwork` must do where nothing gets lost. `at` is a place to bind with port 0. */
export function datagramNetworkContract(name: string, make: () => DatagramNetwork, at: Address): void {
  async function withPair(story: (pair: Pair) => Promise<void>): Promise<void> {
    const network = make()
    const here = await DatagramRecorder.bind(network, at)
    const there = await DatagramRecorder.bind(network, at)
    try {
      await story({ here, there, network })
    } finally {
      await Promise.all([here.socket.close(), there.socket.close()])
    }
  }

  describe(name, { timeout: 20_000 }, () => {
    it('carries datagrams both ways, whole, and says where they came from', () =>
      withPair(async ({ here, there }) => {
        const out = [1, 20, 1472, 9000, 65_487].map((length, index) => pattern(length, index + 3))
        for (const [index, bytes] of out.entries()) {
          here.socket.send(bytes, there.local)
          await there.until(index + 1)
        }
        const expected = out.map(bytes => ({ bytes, from: here.local }))
        assert.deepEqual(there.received, expected)
        there.socket.send(MARK, here.local)
        await here.until(1)
        assert.deepEqual(here.received, [{ bytes: MARK, from: there.local }])
        assert.deepEqual([here.socket.dropped, there.socket.dropped], [0, 0])
      }))

    it('carries an empty one', () =>
      withPair(async ({ here, there }) => {
        here.socket.send(new Uint8Array(), there.local)
        await there.until(1)
        assert.equal(there.received[0]?.bytes.length, 0)
      }))

    it('gives each socket a port of its own', () =>
      withPair(async ({ here, there }) => {
        assert.ok(here.local.port > 0)
        assert.notEqual(here.local.port, there.local.port)
        assert.deepEqual(here.local, { ...at, port: here.local.port })
      }))

    it('sends many of one turn, from bytes that are used again at once', () =>
      withPair(async ({ here, there }) => {
        const bytes = new Uint8Array(new SharedArrayBuffer(1400))
        for (let mark = 0; mark < 50; mark++) here.socket.send(bytes.fill(mark), there.local)
        bytes.fill(255)
        await there.until(50)
        assert.deepEqual(
          there.marks,
          Array.from({ length: 50 }, (_, mark) => mark),
        )
      }))

    it('drops and counts what cannot be sent, and lives on', () =>
      withPair(async ({ here, there }) => {
        here.socket.send(new Uint8Array(65_536), there.local)
        here.socket.send(MARK, { ...there.local, port: 0 })
        here.socket.send(MARK, address(at.family === 4 ? '::1' : '127.0.0.1', there.local.port))
        here.socket.send(MARK, there.local)
        await there.until(1)
        assert.deepEqual(there.marks, [99])
        assert.equal(here.socket.dropped, 3)
      }))

    it('minds nobody at the other end', () =>
      withPair(async ({ here, there, network }) => {
        const gone = await network.bind(at, () => {})
        await gone.close()
        for (let times = 0; times < 5; times++) here.socket.send(MARK, gone.local)
        there.socket.send(MARK, here.local)
        await here.until(1)
        here.socket.send(MARK, gone.local)
        here.socket.send(MARK, there.local)
        await there.until(1)
      }))

    it('a receiver that throws costs one datagram', () =>
      withPair(async ({ here, there }) => {
        there.onDatagram = () => {
          throw new Error('the receiver is broken')
        }
        for (let mark = 1; mark <= 3; mark++) {
          here.socket.send(Uint8Array.of(mark), there.local)
          await there.until(mark)
        }
        there.socket.send(MARK, here.local)
        await here.until(1)
        assert.deepEqual(there.marks, [1, 2, 3])
      }))

    it('a receiver may answer and close', () =>
      withPair(async ({ here, there }) => {
        there.onDatagram = () => {
          there.socket.send(MARK, here.local)
          void there.socket.close()
        }
        for (let mark = 1; mark <= 5; mark++) here.socket.send(Uint8Array.of(mark), there.local)
        await here.until(1)
        here.socket.send(MARK, here.local)
        await here.until(2)
        assert.deepEqual(there.marks, [1])
      }))

    it('a closed one receives nothing and drops what it is to send', () =>
      withPair(async ({ here, there }) => {
        here.socket.send(MARK, there.local)
        const closing = there.socket.close()
        there.socket.send(MARK, here.local)
        assert.equal(there.socket.dropped, 1)
        await Promise.all([closing, there.socket.close()])
        await there.socket.close()
        here.socket.send(MARK, here.local)
        await here.until(1)
        assert.deepEqual([here.received.length, there.received.length], [1, 0])
      }))

    it('a place can be bound once, and again when it was closed', () =>
      withPair(async ({ here, there, network }) => {
        const taken = { name: 'UsageError', code: 'port-in-use' }
        await assert.rejects(
          make().bind(there.local, () => {}),
          taken,
        )
        await there.socket.close()
        const again = await DatagramRecorder.bind(network, there.local)
        here.socket.send(MARK, again.local)
        await again.until(1)
        await there.socket.close()
        await assert.rejects(
          make().bind(again.local, () => {}),
          taken,
        )
        await again.socket.close()
      }))

    it('says which address is not here', async () => {
      const elsewhere = address(at.family === 4 ? '192.0.2.1' : '2001:db8::1', 0)
      const unavailable = { name: 'UsageError', code: 'address-unavailable' }
      await assert.rejects(
        make().bind(elsewhere, () => {}),
        unavailable,
      )
    })
  })
}

/** Bytes that differ from place to place. */
function pattern(length: number, step: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * step + (index >> 8)) & 0xff)
}
