import { createSocket, type Socket } from 'node:dgram'
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type Address, address, type Family, scopeOf } from '../core/address.ts'
import type { DatagramReceiver, DatagramSocket, GroupNetwork, GroupSocket, Logger } from '../core/ports.ts'
import { localAddresses } from './interfaces.ts'
import { NET_LIMITS } from './limits.ts'
import { nullLogger } from './loggers.ts'
import { listenError } from './tcp.ts'
import { UdpNetwork } from './udp.ts'
import { UdpSocket } from './udp-socket.ts'

/** Multicast, as the system has it. */
export class MulticastNetwork implements GroupNetwork {
  readonly #logger: Logger

  constructor(options: { logger?: Logger } = {}) {
    this.#logger = options.logger ?? nullLogger
  }

  async join(
    group: Address,
    places: () => readonly Address[],
    receive: DatagramReceiver,
  ): Promise<GroupSocket> {
    const socket = createSocket({ type: group.family === 6 ? 'udp6' : 'udp4', reuseAddr: true })
    await bound(socket, group)
    return new Membership(socket, { group, places, receive, logger: this.#logger })
  }
}

/**
 * One socket hears the group in all networks; for each network there is one more that sends, so that what it sends
 * comes from the address that is to be told there.
 */
class Membership implements GroupSocket {
  readonly #group: Address
  readonly #places: () => readonly Address[]
  readonly #socket: Socket
  readonly #hearing: UdpSocket
  readonly #senders: UdpNetwork
  /** By host; null while one is being opened, and where it cannot be. Bounded by `groupNetworks`. */
  readonly #sending = new Map<string, DatagramSocket | null>()
  #neighbours = new BlockList()
  #isClosed = false

  constructor(
    socket: Socket,
    options: { group: Address; places: () => readonly Address[]; receive: DatagramReceiver; logger: Logger },
  ) {
    const { group, places, receive, logger } = options
    this.#group = group
    this.#places = places
    this.#socket = socket
    this.#senders = new UdpNetwork({ logger })
    this.#hearing = new UdpSocket(socket, {
      at: group,
      receive: (datagram, from) => {
        if (this.#isNeighbour(from)) receive(datagram, from)
      },
      logger,
      queue: 0,
    })
    this.#lookAround(null)
  }

  send(datagram: Uint8Array): void {
    if (this.#isClosed) return
    for (const socket of this.#sending.values()) socket?.send(datagram, this.#group)
    this.#lookAround(datagram)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const sending = [...this.#sending.values()]
    await Promise.all([this.#hearing.close(), ...sending.map(socket => socket?.close())])
  }

  /** Networks come and go. One that is new is joined, and hears `first`. */
  #lookAround(first: Uint8Array | null): void {
    const wanted = new Map(ownPlaces(this.#places(), this.#group.family).map(place => [place.host, place]))
    this.#neighbours = neighbourhood()
    for (const [host, socket] of this.#sending) {
      if (wanted.has(host)) continue
      this.#sending.delete(host)
      void socket?.close()
    }
    for (const [host, place] of wanted) {
      if (this.#sending.has(host)) continue
      this.#sending.set(host, null)
      this.#join(place)
      void this.#openSender(place, first)
    }
  }

  #join(place: OwnPlace): void {
    try {
      this.#socket.addMembership(this.#group.host, interfaceOf(place))
    } catch {
      // Another address of the same interface joined before, or it knows no multicast.
    }
  }

  async #openSender(place: OwnPlace, first: Uint8Array | null): Promise<void> {
    try {
      const socket = await this.#senders.bindForGroups(address(place.host, 0), interfaceOf(place))
      if (this.#isClosed || !this.#sending.has(place.host)) {
        await socket.close()
        return
      }
      this.#sending.set(place.host, socket)
      if (first) socket.send(first, this.#group)
    } catch {
      this.#sending.delete(place.host) // tried again with what is sent next
    }
  }

  /** In one of our networks. Link-local IPv6 addresses cannot be answered without the name of an interface. */
  #isNeighbour({ host, family }: Address): boolean {
    const scope = scopeOf(host)
    if (family === 6 && scope === 'link-local') return false
    return scope !== 'global' || this.#neighbours.check(host, family === 6 ? 'ipv6' : 'ipv4')
  }
}

/** An address of this machine, and the interface that has it. */
interface OwnPlace {
  readonly host: string
  readonly interface: string
}

/** One address of each network for a place that is everywhere, and the address itself for another. */
function ownPlaces(places: readonly Address[], family: Family): OwnPlace[] {
  const own = localAddresses({ family, scopes: ['private', 'global', 'link-local'] })
  const isAnswerable = ({ scope }: { scope: string }): boolean => family === 4 || scope !== 'link-local'
  const found = new Map<string, OwnPlace>()
  for (const place of places) {
    if (place.family !== family) continue
    const isEverywhere = place.host === '0.0.0.0' || place.host === '::'
    const seen = new Set<string>()
    for (const mine of own.filter(isAnswerable)) {
      if (isEverywhere ? seen.has(mine.interface) : mine.host !== place.host) continue
      seen.add(mine.interface)
      if (found.size < NET_LIMITS.groupNetworks) found.set(mine.host, mine)
    }
  }
  return [...found.values()]
}

function interfaceOf(place: OwnPlace): string {
  return place.host.includes(':') ? `::%${place.interface}` : place.host
}

/** The networks of all interfaces. */
function neighbourhood(): BlockList {
  const near = new BlockList()
  for (const entry of Object.values(networkInterfaces()).flatMap(entries => entries ?? [])) {
    const prefix = Number(entry.cidr?.split('/')[1] ?? Number.NaN)
    // A prefix that covers the world is no neighbourhood.
    if (!(prefix >= 8)) continue
    near.addSubnet(entry.address.split('%', 1)[0]!, prefix, entry.family === 'IPv6' ? 'ipv6' : 'ipv4')
  }
  return near
}

/** At the group itself, where the system lets that be: what is sent to the port alone is not for us. */
function bound(socket: Socket, group: Address): Promise<void> {
  const everywhere = group.family === 6 ? '::' : '0.0.0.0'
  const host = process.platform === 'win32' ? everywhere : group.host
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      socket.close()
      reject(listenError(group, error))
    }
    socket.once('error', failed)
    socket.bind({ address: host, port: group.port }, () => {
      socket.off('error', failed)
      resolve()
    })
  })
}
