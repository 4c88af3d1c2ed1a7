import { type Address, address, formatAddress } from '../../src/core/address.ts'
import { ProtocolError, UsageError } from '../../src/core/errors.ts'
import type {
  DatagramNetwork,
  DatagramReceiver,
  DatagramSocket,
  GroupNetwork,
  GroupSocket,
  StreamListener,
  StreamNetwork,
  StreamSocket,
} from '../../src/core/ports.ts'
import { Line, type LineOptions } from './line.ts'
import { SimDatagramSocket } from './sim-datagram-socket.ts'
import { SimSocket } from './sim-socket.ts'
import type { World } from './world.ts'

/** As `src/net` has it: a dial that nobody answers. */
const DIAL_TIMEOUT = 10_000
const FIRST_EPHEMERAL_PORT = 49_152

/** The network of a world: hosts by address, and what joins them. */
export class SimNetwork {
  readonly #world: World
  readonly #hosts = new Map<string, SimHost>()

  constructor(world: World) {
    this.#world = world
  }

  /** A new host, at an address of its own choice or at the next one of 10.0.0.0/8. */
  newHost(options: LineOptions & { at?: string } = {}): SimHost {
    const index = this.#hosts.size + 1
    const at = options.at ?? `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
    const host = new SimHost({ world: this.#world, network: this, at, line: new Line(this.#world, options) })
    this.#hosts.set(host.at, host)
    return host
  }

  /** Members of groups, all in one local network. By the group's address. */
  readonly groups = new Map<string, Set<SimMember>>()
  /** What was sent to groups, in order. */
  readonly shouted: { readonly at: number; readonly from: string; readonly datagram: Uint8Array }[] = []

  find(at: string): SimHost | null {
    return this.#hosts.get(at) ?? null
  }

  /** Connections that are open, each counted once. */
  get openConnections(): number {
    let ends = 0
    for (const host of this.#hosts.values()) ends += host.sockets.size
    return ends / 2
  }
}

interface SimMember {
  readonly host: SimHost
  readonly receive: DatagramReceiver
}

/** One machine in the network: listens, dials, sends datagrams, can lose its line. */
export class SimHost implements StreamNetwork, DatagramNetwork, GroupNetwork {
  readonly at: string
  readonly line: Line
  readonly sockets = new Set<SimSocket>()
  /** Dials that others made to it, answered or not. */
  dialed = 0
  /** Without its line nothing comes or goes, and nobody is told. */
  isPlugged = true
  readonly #world: World
  readonly #network: SimNetwork
  readonly #listeners = new Map<number, (socket: StreamSocket) => void>()
  readonly #datagramSockets = new Map<number, SimDatagramSocket>()
  #nextPort = FIRST_EPHEMERAL_PORT

  constructor(options: { world: World; network: SimNetwork; at: string; line: Line }) {
    this.#world = options.world
    this.#network = options.network
    this.at = address(options.at, 1).host
    this.line = options.line
  }

  async listen(at: Address, accept: (socket: StreamSocket) => void): Promise<StreamListener> {
    const port = this.#portFor(at)
    if (this.#listeners.has(port)) throw new UsageError('port-in-use', `${port} is in use at ${this.at}`)
    this.#listeners.set(port, accept)
    return {
      local: address(this.at, port),
      close: async () => {
        if (this.#listeners.get(port) === accept) this.#listeners.delete(port)
      },
    }
  }

  async bind(at: Address, receive: DatagramReceiver): Promise<DatagramSocket> {
    const port = this.#portFor(at)
    const bound = this.#datagramSockets
    if (bound.has(port)) throw new UsageError('port-in-use', `${port} is in use at ${this.at}`)
    const socket = new SimDatagramSocket({
      world: this.#world,
      host: this,
      local: address(this.at, port),
      receive,
      find: to => this.#network.find(to.host)?.boundAt(to.port) ?? null,
      closed: () => bound.delete(port),
    })
    bound.set(port, socket)
    this.#world.unsettle() // whoever waits for the socket has it before the first datagram
    return socket
  }

  /** A host has an address of one family, and is in the groups of that family alone. */
  async join(
    group: Address,
    places: () => readonly Address[],
    receive: DatagramReceiver,
  ): Promise<GroupSocket> {
    if (group.family !== address(this.at, 1).family)
      throw new UsageError('address-unavailable', `${this.at} is of another family`)
    const key = formatAddress(group)
    const members = this.#network.groups.get(key) ?? new Set()
    this.#network.groups.set(key, members)
    const member: SimMember = { host: this, receive }
    members.add(member)
    this.#world.unsettle()
    return {
      send: datagram => {
        if (!this.isPlugged || places().length === 0) return
        const flight = datagram.slice()
        this.#network.shouted.push({ at: this.#world.now, from: this.at, datagram: flight })
        for (const { host, receive: deliver } of members) {
          const arrive = (): void => {
            if (host.isPlugged) deliver(flight, address(this.at, FIRST_EPHEMERAL_PORT))
          }
          this.#world.after(host === this ? 0 : this.#distance(host), arrive)
        }
      },
      close: async () => void members.delete(member),
    }
  }

  dial(to: Address, options: { signal: AbortSignal }): Promise<StreamSocket> {
    const { signal } = options
    if (signal.aborted) return Promise.reject(signal.reason)
    const from = address(this.at, this.#nextPort++)
    return new Promise<StreamSocket>((resolve, reject) => {
      const there = this.#network.find(to.host)
      if (there) there.dialed++
      const delay = there && this.#reaches(there) ? 2 * this.#distance(there) : DIAL_TIMEOUT
      const abort = (): void => {
        this.#world.cancel(answer)
        this.#world.unsettle()
        reject(signal.reason)
      }
      const answer = this.#world.after(delay, () => {
        this.#world.unsettle()
        signal.removeEventListener('abort', abort)
        const socket = there && this.#reaches(there) ? this.#connect(there, from, to) : null
        if (socket) resolve(socket)
        else reject(new ProtocolError('dial-failed', `${formatAddress(to)} does not answer`))
      })
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  /** Who receives the datagrams for a port. */
  boundAt(port: number): SimDatagramSocket | undefined {
    return this.#datagramSockets.get(port)
  }

  /** The line is pulled: dials time out, and open connections fall silent for good. */
  unplug(): void {
    this.isPlugged = false
    for (const socket of this.sockets) socket.fallSilent()
  }

  plug(): void {
    this.isPlugged = true
  }

  /** All connections break at once, at both ends. */
  cut(): void {
    for (const socket of [...this.sockets]) {
      const other = this.#network.find(socket.remote.host)?.otherEnd(socket)
      socket.break()
      other?.break()
    }
  }

  closeListeners(): void {
    this.#listeners.clear()
    for (const socket of [...this.#datagramSockets.values()]) void socket.close()
  }

  otherEnd(socket: SimSocket): SimSocket | undefined {
    return [...this.sockets].find(
      other =>
        formatAddress(other.local) === formatAddress(socket.remote) &&
        formatAddress(other.remote) === formatAddress(socket.local),
    )
  }

  forget(socket: SimSocket): void {
    this.sockets.delete(socket)
  }

  #portFor(at: Address): number {
    const isHere = at.host === this.at || at.host === '0.0.0.0'
    if (!isHere) throw new UsageError('address-unavailable', `${at.host} is not an address of ${this.at}`)
    return at.port === 0 ? this.#nextPort++ : at.port
  }

  #reaches(there: SimHost): boolean {
    return this.isPlugged && there.isPlugged
  }

  #distance(there: SimHost): number {
    return this.line.latency + there.line.latency
  }

  /** Null where nobody listens. The other side hears of it when our first bytes could be there. */
  #connect(there: SimHost, from: Address, to: Address): SimSocket | null {
    const accept = there.#listeners.get(to.port)
    if (!accept) return null
    const ours = new SimSocket({ world: this.#world, host: this, local: from, remote: to })
    const theirs = new SimSocket({ world: this.#world, host: there, local: to, remote: from })
    SimSocket.join(ours, theirs)
    this.sockets.add(ours)
    there.sockets.add(theirs)
    this.#world.after(this.#distance(there), () => {
      if (!theirs.isClosed) accept(theirs)
    })
    return ours
  }
}
