/** UDP trackers on real sockets: which port they are asked from, and over which families. */

import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { formatAddress } from '../../src/core/address.ts'
import { openSession } from '../../src/client/node.ts'
import {
  announceAnswer,
  connectAnswer,
  readAnnounce,
  readConnect,
  type UdpAnnounceFields,
} from '../support/udp-tracker-datagrams.ts'
import { until } from '../support/until.ts'
import { TemporaryFolder } from './storage/temporary-folder.ts'

const MAGNET = 'magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a'

interface Heard {
  readonly from: string
  readonly announce: UdpAnnounceFields
}

/** Answers everything; each announce with one peer. */
class Tracker implements AsyncDisposable {
  readonly heard: Heard[] = []
  readonly #socket: Socket

  private constructor(socket: Socket, peer: readonly number[]) {
    this.#socket = socket
    socket.on('message', (datagram, { address, port, family }) => {
      const connectId = readConnect(datagram)
      if (connectId !== null) return socket.send(connectAnswer(connectId, 77n), port, address)
      const announce = readAnnounce(datagram)
      assert.equal(announce?.connectionId, 77n)
      this.heard.push({ from: family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`, announce })
      const said = { interval: 1800, leechers: 1, seeders: 0, peers: [peer] }
      return socket.send(announceAnswer(announce.transactionId, said), port, address)
    })
  }

  static async open(host: string, peer: readonly number[]): Promise<Tracker> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').bind(0, host)
    await once(socket, 'listening')
    return new Tracker(socket, peer)
  }

  get port(): number {
    return this.#socket.address().port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>(closed => this.#socket.close(closed))
  }
}

const hasIpv6 = Object.values(networkInterfaces()).some(list =>
  list?.some(({ address }) => address === '::1'),
)
const families = [
  { host: '127.0.0.1', url: '127.0.0.1', peer: [192, 0, 2, 1, 0, 9] },
  { host: '::1', url: '[::1]', peer: [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1, 0, 9] },
]

for (const { host, url, peer } of families) {
  const skip = host === '::1' && !hasIpv6 && 'this machine has no IPv6'
  test(`are asked at ${host} from the port that the session listens at, to the end`, { skip }, async () => {
    using folder = new TemporaryFolder()
    await using tracker = await Tracker.open(host, peer)
    await using session = await openSession({ listen: [{ address: host, port: 0 }] })
    const trackers = [`udp://${url}:${tracker.port}/x`]
    const torrent = await session.add({ magnet: MAGNET }, { folder: folder.path, trackers })
    await until(() => torrent.status().trackers[0]?.state === 'working')
    assert.deepEqual([torrent.status().trackers[0]?.leeches], [1])
    await torrent.remove()
    const from = session.listening.map(formatAddress)
    assert.deepEqual(
      tracker.heard.map(({ from: asker, announce }) => [asker, announce.event, announce.port]),
      [2, 3].map(event => [from[0], event, session.listening[0]?.port]),
    )
  })
}

test('are not asked over a family that the session does not listen on', {
  skip: !hasIpv6 && 'no IPv6',
}, async () => {
  using folder = new TemporaryFolder()
  await using tracker = await Tracker.open('::1', [])
  await using session = await openSession({ listen: [{ address: '127.0.0.1', port: 0 }] })
  const trackers = [`udp://[::1]:${tracker.port}/`]
  const torrent = await session.add({ magnet: MAGNET }, { folder: folder.path, trackers })
  await until(() => torrent.status().trackers[0]?.state === 'failed')
  assert.match(
    torrent.status().trackers[0]?.message ?? '',
    /no address of a kind that this session listens on/,
  )
  assert.deepEqual(tracker.heard, [])
})
