import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Address, sameAddress } from '../../src/core/address.ts'
import { equalBytes } from '../../src/core/bytes.ts'
import type { StreamListener, StreamNetwork, StreamSocket } from '../../src/core/ports.ts'
import { StreamRecorder } from './stream-recorder.ts'

const never = new AbortController().signal

interface Pair {
  readonly dialed: StreamRecorder
  readonly accepted: StreamRecorder
  readonly listener: StreamListener
}

/** What every `StreamNetwork` must do. `at` is a place to listen with port 0. */
export function streamNetworkContract(name: string, make: () => StreamNetwork, at: Address): void {
  async function withPair(story: (pair: Pair) => Promise<void>): Promise<void> {
    const network = make()
    const accepting = Promise.withResolvers<StreamSocket>()
    const listener = await network.listen(at, accepting.resolve)
    const dialed = new StreamRecorder(await network.dial(listener.local, { signal: never }))
    const accepted = new StreamRecorder(await accepting.promise)
    try {
      await story({ dialed, accepted, listener })
    } finally {
      dialed.socket.destroy()
      accepted.socket.destroy()
      await listener.close()
    }
  }

  describe(name, { timeout: 20_000 }, () => {
    it('carries bytes both ways, in order', () =>
      withPair(async ({ dialed, accepted }) => {
        const out = pattern(1_000_003, 7)
        const back = pattern(700_001, 11)
        dialed.start()
        accepted.start()
        writeInPieces(dialed, out, 40_009)
        writeInPieces(accepted, back, 13)
        await accepted.until(() => accepted.length === out.length)
        await dialed.until(() => dialed.length === back.length)
        assert.ok(equalBytes(accepted.bytes(), out))
        assert.ok(equalBytes(dialed.bytes(), back))
      }))

    it('knows both ends', () =>
      withPair(async ({ dialed, accepted, listener }) => {
        assert.notEqual(listener.local.port, 0)
        assert.ok(sameAddress(dialed.socket.remote, listener.local))
        assert.ok(sameAddress(accepted.socket.local, listener.local))
        assert.ok(sameAddress(accepted.socket.remote, dialed.socket.local))
      }))

    it('keeps what came before start', () =>
      withPair(async ({ dialed, accepted }) => {
        dialed.start()
        dialed.write(pattern(1000, 3))
        await dialed.until(() => dialed.count('taken') === 1)
        assert.equal(accepted.length, 0)
        accepted.start()
        await accepted.until(() => accepted.length === 1000)
      }))

    it('leaves the bytes alone once they are taken', () =>
      withPair(async ({ dialed, accepted }) => {
        const bytes = new Uint8Array(new SharedArrayBuffer(262_144)).fill(1)
        dialed.start()
        accepted.start()
        for (let turn = 1; turn <= 8; turn++) {
          bytes.fill(turn)
          dialed.write(bytes)
          await dialed.until(() => dialed.count('taken') === turn)
        }
        await accepted.until(() => accepted.length === 8 * bytes.length)
        const sums = accepted.bytes()
        for (let at = 0; at < sums.length; at += 4096)
          assert.equal(sums[at], 1 + Math.floor(at / bytes.length))
      }))

    it('has no room when nobody reads, and tells when it has again', () =>
      withPair(async ({ dialed, accepted }) => {
        dialed.start()
        const block = new Uint8Array(262_144)
        const whole = dialed.socket.room()
        assert.ok(whole >= block.length)
        let sent = 0
        for (let idle = 0; idle < 20; idle++) {
          for (; dialed.socket.room() > 0; idle = 0) {
            dialed.write(block)
            sent += block.length
          }
          await new Promise(resolve => setImmediate(resolve))
        }
        assert.equal(dialed.socket.room(), 0)
        const drainedBefore = dialed.count('drained')
        accepted.start()
        await dialed.until(() => dialed.count('drained') > drainedBefore)
        assert.ok(dialed.socket.room() > 0)
        await accepted.until(() => accepted.length === sent)
        await dialed.until(() => dialed.count('taken') === sent / block.length)
        assert.equal(dialed.socket.room(), whole)
      }))

    it('delivers nothing more after pause until resume', () =>
      withPair(async ({ dialed, accepted }) => {
        dialed.start()
        accepted.onChunk = () => accepted.socket.pause()
        accepted.start()
        const bytes = pattern(3_000_000, 5)
        writeInPieces(dialed, bytes, 100_000)
        while (accepted.length < bytes.length) {
          const chunks = accepted.count('received')
          await accepted.until(() => accepted.count('received') > chunks)
          for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
          assert.ok(accepted.count('received') <= chunks + 2)
          accepted.socket.resume()
        }
        assert.ok(equalBytes(accepted.bytes(), bytes))
      }))

    it('end sends what is queued, and closes both ends without an error', () =>
      withPair(async ({ dialed, accepted }) => {
        dialed.start()
        accepted.start()
        const bytes = pattern(900_000, 9)
        writeInPieces(dialed, bytes, 50_000)
        dialed.socket.end()
        dialed.socket.end()
        dialed.write(Uint8Array.of(1))
        await Promise.all([dialed.closed(), accepted.closed()])
        assert.ok(equalBytes(accepted.bytes(), bytes))
        assert.deepEqual([dialed.error, accepted.error], [null, null])
      }))

    it('two ends that end at once both get everything', () =>
      withPair(async ({ dialed, accepted }) => {
        dialed.start()
        accepted.start()
        const bytes = pattern(900_000, 9)
        for (const end of [dialed, accepted]) {
          writeInPieces(end, bytes, 50_000)
          end.socket.end()
        }
        await Promise.all([dialed.closed(), accepted.closed()])
        assert.equal(dialed.events.at(-1), 'closed')
      }))

    it('destroy closes both ends; every taken is called once, and closed last', () =>
      withPair(async ({ dialed, accepted }) => {
        dialed.start()
        accepted.start()
        for (let i = 0; i < 20; i++) dialed.write(new Uint8Array(262_144))
        dialed.socket.destroy()
        dialed.socket.destroy()
        for (let i = 0; i < 5; i++) dialed.write(new Uint8Array(10))
        await Promise.all([dialed.closed(), accepted.closed()])
        for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
        assert.equal(dialed.count('taken'), 25)
        assert.equal(dialed.count('closed'), 1)
        assert.equal(accepted.count('closed'), 1)
        assert.equal(dialed.error, null)
      }))

    it('tells of a close that came before start', () =>
      withPair(async ({ dialed, accepted }) => {
        accepted.socket.destroy()
        accepted.start()
        await accepted.closed()
        dialed.start()
        await dialed.closed()
      }))

    it('a closed listener takes nobody; what is open stays open', () =>
      withPair(async ({ dialed, accepted, listener }) => {
        await listener.close()
        await assert.rejects(make().dial(listener.local, { signal: never }), {
          name: 'ProtocolError',
          code: 'dial-failed',
        })
        dialed.start()
        accepted.start()
        dialed.write(Uint8Array.of(1))
        await accepted.until(() => accepted.length === 1)
      }))

    it('a place can be listened to once', () =>
      withPair(async ({ listener }) => {
        await assert.rejects(
          make().listen(listener.local, () => {}),
          { name: 'UsageError', code: 'port-in-use' },
        )
      }))

    it('an aborted dial rejects with the reason', async () => {
      const reason = new Error('no longer needed')
      await assert.rejects(make().dial({ ...at, port: 9 }, { signal: AbortSignal.abort(reason) }), reason)
    })
  })
}

/** Bytes that differ from place to place, so that a swap or a hole shows. */
function pattern(length: number, step: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * step + (i >> 8)) & 0xff
  return bytes
}

function writeInPieces(end: StreamRecorder, bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) end.write(bytes.subarray(at, at + size))
}
