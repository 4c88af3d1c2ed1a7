import assert from 'node:assert/strict'
import test from 'node:test'
import { type Address, address } from '../../../src/core/address.ts'
import { latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { localAddresses } from '../../../src/net/interfaces.ts'
import { MulticastNetwork } from '../../../src/net/multicast.ts'
import { UdpNetwork } from '../../../src/net/udp.ts'
import { until } from '../../support/until.ts'

const [OWN] = localAddresses({ family: 4, scopes: ['private', 'global'] })
const skip = OWN ? false : 'this machine has no address but loopback'
const network = new MulticastNetwork()

/** One of those that are free for use within a network (RFC 2365), with a port of the system's choice. */
async function someGroup(): Promise<Address> {
  const probe = await new UdpNetwork().bind(address('0.0.0.0', 0), () => undefined)
  await probe.close()
  return address('239.255.77.77', probe.local.port)
}

async function member(group: Address, places: () => readonly Address[]) {
  const heard: string[] = []
  const socket = await network.join(group, places, (datagram, from) => {
    heard.push(`${from.host}: ${latin1Text(datagram)}`)
  })
  return { heard, socket }
}

test('members of a group hear each other and themselves, from the address that was named', {
  skip,
}, async () => {
  const group = await someGroup()
  const places = () => [address(OWN!.host, 6881)]
  const [one, other] = [await member(group, places), await member(group, places)]
  try {
    one.socket.send(latin1Bytes('hello'))
    await until(() => one.heard.length > 0 && other.heard.length > 0)
    assert.deepEqual([one.heard[0], other.heard[0]], [`${OWN!.host}: hello`, `${OWN!.host}: hello`])
  } finally {
    await Promise.all([one.socket.close(), other.socket.close()])
  }
})

test('a place that is everywhere sends in each network; one that comes later is joined with what is sent next', {
  skip,
}, async () => {
  const group = await someGroup()
  let places: readonly Address[] = []
  const { heard, socket } = await member(group, () => places)
  try {
    socket.send(latin1Bytes('nobody hears this'))
    places = [address('0.0.0.0', 6881)]
    socket.send(latin1Bytes('first'))
    await until(() => heard.some(text => text.endsWith(': first')))
    assert.ok(!heard.some(text => text.includes('nobody')))
  } finally {
    await socket.close()
  }
})

test('where only loopback is listened at, nothing is sent or heard, nor where a member is closed', {
  skip,
}, async () => {
  const group = await someGroup()
  const quiet = await member(group, () => [address('127.0.0.1', 6881)])
  const places = () => [address(OWN!.host, 6881)]
  const [loud, closed] = [await member(group, places), await member(group, places)]
  try {
    await closed.socket.close()
    await closed.socket.close()
    closed.socket.send(latin1Bytes('closed'))
    quiet.socket.send(latin1Bytes('quiet'))
    for (let times = 1; times <= 3; times++) {
      loud.socket.send(latin1Bytes('loud'))
      await until(() => loud.heard.length === times)
    }
    assert.ok(loud.heard.every(text => text === `${OWN!.host}: loud`))
    assert.deepEqual([closed.heard, quiet.heard], [[], []])
  } finally {
    await Promise.all([quiet.socket.close(), loud.socket.close()])
  }
})

test('a port that somebody does not share is refused', async () => {
  const taken = await new UdpNetwork().bind(address('0.0.0.0', 0), () => undefined)
  const group = address('239.255.77.77', taken.local.port)
  await assert.rejects(
    member(group, () => []),
    error => error instanceof UsageError && error.code === 'port-in-use',
  )
  await taken.close()
})
