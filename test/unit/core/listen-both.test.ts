import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Address, address } from '../../../src/core/address.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { listenBoth } from '../../../src/core/listen-both.ts'
import type { DatagramReceiver, StreamSocket } from '../../../src/core/ports.ts'

type Kind = 'tcp' | 'udp'

/** A machine that only knows which numbers are open. `openings` are all that were tried, in order. */
function machine(options: { taken?: readonly string[]; refuse?: Partial<Record<Kind, Error>> } = {}) {
  const open = new Set<string>(options.taken)
  const openings: string[] = []
  const receivers: DatagramReceiver[] = []
  let nextPort = 1000

  function take(kind: Kind, at: Address): { local: Address; close(): Promise<void> } {
    const port = at.port === 0 ? nextPort++ : at.port
    const name = `${kind} ${port}`
    openings.push(name)
    const refusal = options.refuse?.[kind]
    if (refusal) throw refusal
    if (open.has(name)) throw new UsageError('port-in-use', `${name} is in use`)
    open.add(name)
    return {
      local: { ...at, port },
      async close() {
        open.delete(name)
      },
    }
  }

  const networks = {
    streams: { listen: async (at: Address) => take('tcp', at) },
    datagrams: {
      async bind(at: Address, receive: DatagramReceiver) {
        const bound = take('udp', at)
        receivers.push(receive)
        return { ...bound, dropped: 0, send() {} }
      },
    },
    accept(_socket: StreamSocket) {},
    receive: (() => {}) as DatagramReceiver,
  }
  return { open, openings, receivers, networks }
}

const at = (port: number) => address('127.0.0.1', port)

test('opens both on one number and closes both', async () => {
  const { open, networks } = machine()
  const place = await listenBoth(at(80), networks)
  assert.deepEqual(place.local, at(80))
  assert.deepEqual(place.datagrams.local, at(80))
  assert.deepEqual([...open].sort(), ['tcp 80', 'udp 80'])
  await place.close()
  assert.equal(open.size, 0)
})

test('a number that one kind has taken is taken, and the other kind is given back', async () => {
  for (const taken of ['tcp 80', 'udp 80']) {
    const { open, networks } = machine({ taken: [taken] })
    await assert.rejects(listenBoth(at(80), networks), { name: 'UsageError', code: 'port-in-use' })
    assert.deepEqual([...open], [taken])
  }
})

test('port 0 tries another number where the chosen one is taken for streams', async () => {
  const { open, openings, networks } = machine({ taken: ['tcp 1000', 'tcp 1001'] })
  const place = await listenBoth(at(0), networks)
  assert.equal(place.local.port, 1002)
  assert.deepEqual(openings, ['udp 1000', 'tcp 1000', 'udp 1001', 'tcp 1001', 'udp 1002', 'tcp 1002'])
  await place.close()
  assert.deepEqual([...open], ['tcp 1000', 'tcp 1001'])
})

test('port 0 gives up after some numbers', async () => {
  const inUse = new UsageError('port-in-use', 'all are in use')
  const { open, openings, networks } = machine({ refuse: { tcp: inUse } })
  await assert.rejects(listenBoth(at(0), networks), inUse)
  assert.equal(openings.length, 32)
  assert.equal(open.size, 0)
})

test('other faults are told at once', async () => {
  const missing = new UsageError('address-unavailable', 'not here')
  for (const kind of ['tcp', 'udp'] as const) {
    const { open, openings, networks } = machine({ refuse: { [kind]: missing } })
    await assert.rejects(listenBoth(at(0), networks), missing)
    assert.equal(openings.length, kind === 'udp' ? 1 : 2)
    assert.equal(open.size, 0)
  }
})

test('nothing is received before the place is open as a whole', async () => {
  const { receivers, networks } = machine()
  const marks: (number | undefined)[] = []
  networks.receive = datagram => marks.push(datagram[0])
  const receive = (mark: number) => receivers[0]?.(Uint8Array.of(mark), at(9))
  const listen = networks.streams.listen
  networks.streams.listen = async place => {
    receive(1)
    return await listen(place)
  }
  await listenBoth(at(80), networks)
  receive(2)
  assert.deepEqual(marks, [2])
})
