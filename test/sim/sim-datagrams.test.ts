import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { address } from '../../src/core/address.ts'
import { datagramNetworkContract } from '../contract/datagram-network.ts'
import { DatagramRecorder } from '../contract/datagram-recorder.ts'
import type { LineOptions } from './line.ts'
import { type SimHost, SimNetwork } from './sim-network.ts'
import { World } from './world.ts'

const followed = new World()
const host = new SimNetwork(followed).newHost({ at: '10.9.9.9' })
let isOver = false

/** The suite waits on its own; here time follows it instead of leading. */
async function follow(): Promise<void> {
  while (!isOver) {
    try {
      await followed.pass(1)
    } catch (error) {
      assert.match(String(error), /the receiver is broken/) // the suite has such a one
      followed.faults.length = 0
    }
    await new Promise(resolve => setImmediate(resolve))
  }
}

void follow()
after(() => {
  isOver = true
})

datagramNetworkContract('datagrams of the simulated network', () => host, address('10.9.9.9', 0))

interface Ends {
  readonly world: World
  readonly hosts: readonly [SimHost, SimHost]
  readonly here: DatagramRecorder
  readonly there: DatagramRecorder
  /** When each came there, in ms since the story began. */
  readonly times: number[]
}

async function twoEnds(near: LineOptions = {}, far: LineOptions = {}): Promise<Ends> {
  const world = new World({ seed: 7 })
  const network = new SimNetwork(world)
  const hosts = [network.newHost(near), network.newHost(far)] as const
  const bind = (at: SimHost) => DatagramRecorder.bind(at, address('0.0.0.0', 0))
  const here = await bind(hosts[0])
  const there = await bind(hosts[1])
  const times: number[] = []
  there.onDatagram = () => times.push(world.now)
  return { world, hosts, here, there, times }
}

describe('datagrams in a world', () => {
  it('take as long as the way is', async () => {
    const { world, here, there, times } = await twoEnds({ latency: 15 }, { latency: 30 })
    here.socket.send(Uint8Array.of(1), there.local)
    await world.pass(100)
    assert.deepEqual(times, [45])
  })

  it('wait for the line of the sender, and for that of the receiver', async () => {
    const { world, here, there, times } = await twoEnds(
      { latency: 0, up: 100_000 },
      { latency: 0, down: 50_000 },
    )
    for (let count = 0; count < 3; count++) here.socket.send(new Uint8Array(1000), there.local)
    await world.pass(1000)
    assert.deepEqual(times, [30, 50, 70])
  })

  it('share the line with a stream', async () => {
    const { world, hosts, here, there, times } = await twoEnds(
      { latency: 0, up: 100_000, queue: 1100 },
      { latency: 0 },
    )
    const listener = await hosts[1].listen(address('0.0.0.0', 0), socket =>
      socket.start({ received() {}, drained() {}, closed() {} }),
    )
    const signal = new AbortController().signal
    const stream = await world.settled(hosts[0].dial(listener.local, { signal }))
    stream.start({ received() {}, drained() {}, closed() {} })
    const start = world.now
    stream.write(new Uint8Array(50_000))
    await world.pass(1)
    for (let count = 0; count < 100; count++) here.socket.send(new Uint8Array(1000), there.local)
    let isTaken = false
    stream.write(new Uint8Array(50_000), () => {
      isTaken = true
    })
    await world.until(() => isTaken)
    assert.ok(Math.abs(world.now - start - 2000) < 1, `200 kB at 100 kB/s took ${world.now - start} ms`)
    assert.equal(times.length, 100)
    assert.ok(times.at(-1)! < start + 1100)
  })

  it('are dropped before a line that is too busy', async () => {
    const { world, here, there } = await twoEnds({ up: 100_000, queue: 50 }, { down: 50_000, queue: 10 })
    for (let count = 0; count < 20; count++) here.socket.send(new Uint8Array(1000), there.local)
    await world.pass(1000)
    assert.equal(here.socket.dropped, 14)
    assert.equal(there.received.length, 4)
  })

  it('get lost where the line loses some, the same ones for the same seed', async () => {
    const lossy = async () => {
      const { world, here, there } = await twoEnds({ loss: 0.25 })
      for (let mark = 0; mark < 200; mark++) here.socket.send(Uint8Array.of(mark), there.local)
      await world.pass(1000)
      assert.equal(here.socket.dropped, 0)
      return there.marks
    }
    const marks = await lossy()
    assert.ok(marks.length > 120 && marks.length < 180, `${marks.length} of 200`)
    assert.deepEqual(await lossy(), marks)
  })

  it('vanish while a line is pulled', async () => {
    const { world, hosts, here, there } = await twoEnds()
    here.socket.send(Uint8Array.of(1), there.local)
    hosts[1].unplug()
    await world.pass(1000)
    hosts[1].plug()
    hosts[0].unplug()
    here.socket.send(Uint8Array.of(2), there.local)
    hosts[0].plug()
    here.socket.send(Uint8Array.of(3), there.local)
    await world.pass(1000)
    assert.deepEqual(there.marks, [3])
  })

  it('an error in a receiver is a fault of the world', async () => {
    const { world, here, there } = await twoEnds()
    const error = new Error('the receiver is broken')
    there.onDatagram = () => {
      throw error
    }
    here.socket.send(Uint8Array.of(1), there.local)
    await assert.rejects(world.pass(1000), error)
  })
})
