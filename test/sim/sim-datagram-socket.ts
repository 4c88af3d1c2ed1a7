import type { Address } from '../../src/core/address.ts'
import type { DatagramReceiver, DatagramSocket } from '../../src/core/ports.ts'
import type { SimHost } from './sim-network.ts'
import type { World } from './world.ts'

/** What fits into UDP over IPv4. */
const LONGEST = 65_507

interface SimDatagramOptions {
  readonly world: World
  readonly host: SimHost
  readonly local: Address
  readonly receive: DatagramReceiver
  /** Who is bound at an address now. */
  readonly find: (to: Address) => SimDatagramSocket | null
  readonly closed: () => void
}

/**
 * A socket for datagrams in the make-believe network. What nobody is bound for vanishes, as it does behind a firewall;
 * lines with `loss` and full ones lose the rest.
 */
export class SimDatagramSocket implements DatagramSocket {
  readonly local: Address
  readonly host: SimHost
  dropped = 0
  readonly #world: World
  readonly #receive: DatagramReceiver
  readonly #find: (to: Address) => SimDatagramSocket | null
  readonly #closed: () => void
  #isClosed = false

  constructor(options: SimDatagramOptions) {
    this.local = options.local
    this.host = options.host
    this.#world = options.world
    this.#receive = options.receive
    this.#find = options.find
    this.#closed = options.closed
  }

  send(datagram: Uint8Array, to: Address): void {
    const isSendable = to.port !== 0 && to.family === this.local.family && datagram.length <= LONGEST
    const delay = this.#isClosed || !isSendable ? null : this.host.line.datagramOut(datagram.length)
    if (delay === null) {
      this.dropped++
      return
    }
    const there = this.#find(to)?.host
    if (!there || !this.host.isPlugged || this.host.line.loses() || there.line.loses()) return
    const flight = datagram.slice()
    const distance = there === this.host ? 0 : this.host.line.latency + there.line.latency
    this.#world.after(delay + distance, () => this.#comeIn(flight, to, there))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#closed()
  }

  #comeIn(flight: Uint8Array, to: Address, there: SimHost): void {
    const delay = there.isPlugged ? there.line.datagramIn(flight.length) : null
    if (delay === null) return
    if (delay === 0) this.#deliver(flight, to)
    else this.#world.after(delay, () => this.#deliver(flight, to))
  }

  #deliver(flight: Uint8Array, to: Address): void {
    const socket = this.#find(to)
    if (socket) socket.#received(flight, this.local)
  }

  #received(flight: Uint8Array, from: Address): void {
    try {
      this.#receive(flight, from)
    } catch (error) {
      this.#world.faults.push(error)
    }
    flight.fill(0xdd) // whoever kept it beyond the call shall notice
  }
}
