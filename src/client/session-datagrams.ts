import { type Address, address, type Family, isEverywhere, scopeOf } from '../core/address.ts'
import type { DatagramNetwork, DatagramReceiver, DatagramSocket } from '../core/ports.ts'

/**
 * What a session sends and receives over UDP: from the places that it listens at, so that trackers and peers see one port,
 * and from no other. One that listens nowhere sends from a port of the system's choice.
 */
export class SessionDatagrams {
  readonly #network: DatagramNetwork
  readonly #receive: DatagramReceiver
  /** Bounded by the places to listen at. */
  readonly #sockets = new Set<DatagramSocket>()
  /** Of a session that listens nowhere. */
  #own: Promise<void> | null = null
  #isClosed = false

  constructor(options: { network: DatagramNetwork; receive: DatagramReceiver }) {
    this.#network = options.network
    this.#receive = options.receive
  }

  add(socket: DatagramSocket): void {
    this.#sockets.add(socket)
  }

  remove(socket: DatagramSocket): void {
    this.#sockets.delete(socket)
  }

  /** There is a socket from now on, if there can be one at all. */
  async open(): Promise<void> {
    if (this.#sockets.size > 0 || this.#isClosed) return
    this.#own ??= this.#openOwn()
    await this.#own
  }

  /** Those that something can be sent over. */
  get families(): ReadonlySet<Family> {
    return new Set([...this.#sockets].map(({ local }) => local.family))
  }

  /** Whether something of this family can get out of this machine. */
  reachesOut(family: Family): boolean {
    return [...this.#sockets].some(
      ({ local }) => local.family === family && scopeOf(local.host) !== 'loopback',
    )
  }

  /** Sends, or drops where there is no way. */
  send(datagram: Uint8Array, to: Address): void {
    this.#socketFor(to)?.send(datagram, to)
  }

  /** Closes what it opened itself; the others belong to their places. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#own
    await Promise.all([...this.#sockets].map(socket => socket.close()))
    this.#sockets.clear()
  }

  /** One that is bound to all addresses, or to one that reaches as far. */
  #socketFor(to: Address): DatagramSocket | null {
    const able = [...this.#sockets].filter(({ local }) => local.family === to.family)
    const isNear = ({ local }: DatagramSocket): boolean =>
      isEverywhere(local) || scopeOf(local.host) === scopeOf(to.host)
    return able.find(isNear) ?? able[0] ?? null
  }

  async #openOwn(): Promise<void> {
    for (const host of ['0.0.0.0', '::']) {
      try {
        this.#sockets.add(await this.#network.bind(address(host, 0), this.#receive))
      } catch {
        // A machine without this family.
      }
    }
  }
}
