import { createSocket, type Socket } from 'node:dgram'
import type { Address } from '../core/address.ts'
import type { DatagramNetwork, DatagramReceiver, DatagramSocket, Logger } from '../core/ports.ts'
import { NET_LIMITS } from './limits.ts'
import { nullLogger } from './loggers.ts'
import { listenError } from './tcp.ts'
import { UdpSocket } from './udp-socket.ts'

/** UDP, as the system has it. */
export class UdpNetwork implements DatagramNetwork {
  readonly #logger: Logger
  readonly #sendQueue: number

  /** `logger` hears of errors in receivers; `sendQueue`: datagrams of one socket that may wait for the system. */
  constructor(options: { logger?: Logger; sendQueue?: number } = {}) {
    this.#logger = options.logger ?? nullLogger
    this.#sendQueue = options.sendQueue ?? NET_LIMITS.datagramQueue
  }

  /** Rejects with `UsageError` `port-in-use`, `port-forbidden` or `address-unavailable`. */
  async bind(at: Address, receive: DatagramReceiver): Promise<DatagramSocket> {
    const socket = await this.#bound(at)
    return new UdpSocket(socket, { at, receive, logger: this.#logger, queue: this.#sendQueue })
  }

  /** A socket that sends to groups (multicast) through one interface, and hears nothing. Rejects as `bind` does. */
  async bindForGroups(at: Address, throughInterface: string): Promise<DatagramSocket> {
    const socket = await this.#bound(at)
    try {
      socket.setMulticastInterface(throughInterface)
    } catch (error) {
      socket.close()
      throw listenError(at, error as Error)
    }
    const receive = (): void => undefined
    return new UdpSocket(socket, { at, receive, logger: this.#logger, queue: this.#sendQueue })
  }

  async #bound(at: Address): Promise<Socket> {
    const isIpv6 = at.family === 6
    const socket = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6, lookup: asItIs })
    await bound(socket, at)
    return socket
  }
}

function bound(socket: Socket, at: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      socket.close()
      reject(listenError(at, error))
    }
    socket.once('error', failed)
    // `exclusive`: a port that is in use is an error, also in a cluster.
    socket.bind({ address: at.host, port: at.port, exclusive: true }, () => {
      socket.off('error', failed)
      resolve()
    })
  })
}

/** There are no names here. Node's own look-up would put each datagram off to a later turn. */
function asItIs(
  host: string,
  _options: unknown,
  found: (error: null, address: string, family: number) => void,
): void {
  found(null, host, host.includes(':') ? 6 : 4)
}
