import { type Address, address, formatAddress } from '../../src/core/address.ts'
import type { DatagramSocket } from '../../src/core/ports.ts'
import { DhtNode } from '../../src/dht/dht-node.ts'
import { nodeSignatures } from '../../src/net/node-signatures.ts'
import { SystemAlarm } from '../../src/net/system-alarm.ts'
import { systemClock } from '../../src/net/system-clock.ts'
import { SystemDice } from '../../src/net/system-dice.ts'
import { systemSecrets } from '../../src/net/system-secrets.ts'
import { UdpNetwork } from '../../src/net/udp.ts'
import { testDigest } from './hash-plan.ts'

/** A node of ours on a real socket, without a session around it. */
export class DhtHost implements AsyncDisposable {
  readonly at: Address
  readonly node: DhtNode
  readonly #socket: DatagramSocket
  readonly #alarm = new SystemAlarm(systemClock)

  private constructor(socket: DatagramSocket) {
    this.#socket = socket
    this.at = socket.local
    this.node = new DhtNode({
      family: socket.local.family,
      dice: new SystemDice(),
      secrets: systemSecrets,
      digest: testDigest,
      signatures: nodeSignatures,
      send: (datagram, to) => socket.send(datagram, to),
      now: systemClock.monotonic(),
    })
    this.#alarm.onRing(() => {
      this.node.tick(systemClock.monotonic())
      this.#wind()
    })
  }

  static async open(host: string): Promise<DhtHost> {
    const opened = Promise.withResolvers<DhtHost>()
    const socket = await new UdpNetwork().bind(address(host, 0), (datagram, from) => {
      void opened.promise.then(there => there.#received(datagram.slice(), from))
    })
    opened.resolve(new DhtHost(socket))
    return opened.promise
  }

  join(router: Address): void {
    this.node.setRouters([router], systemClock.monotonic())
    this.#wind()
  }

  announce(infoHash: Uint8Array, port: number): Promise<number> {
    const done = Promise.withResolvers<number>()
    const announce = { port, isPortImplied: false, isSeed: false }
    this.node.findPeers(
      { infoHash, announce, found: () => undefined, done: ({ announced }) => done.resolve(announced) },
      systemClock.monotonic(),
    )
    this.#wind()
    return done.promise
  }

  search(infoHash: Uint8Array): Promise<string[]> {
    const done = Promise.withResolvers<string[]>()
    const peers: string[] = []
    this.node.findPeers(
      {
        infoHash,
        announce: null,
        found: found => peers.push(...found.map(formatAddress)),
        done: () => done.resolve(peers),
      },
      systemClock.monotonic(),
    )
    this.#wind()
    return done.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#alarm.close()
    await this.#socket.close()
  }

  #received(datagram: Uint8Array, from: Address): void {
    this.node.received(datagram, from, systemClock.monotonic())
    this.#wind()
  }

  #wind(): void {
    this.#alarm.set(this.node.deadline())
  }
}
