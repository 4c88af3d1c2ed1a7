import type { RemoteInfo, Socket } from 'node:dgram'
import { type Address, address } from '../core/address.ts'
import type { DatagramReceiver, DatagramSocket, Logger } from '../core/ports.ts'
import { NET_LIMITS } from './limits.ts'

/**
 * A UDP socket. Nothing that a datagram brings about ends it: neither an ICMP answer to one that we sent, nor an error
 * in whoever receives it, which is logged.
 */
export class UdpSocket implements DatagramSocket {
  readonly local: Address
  readonly #socket: Socket
  readonly #receive: DatagramReceiver
  readonly #logger: Logger
  readonly #queue: number
  #dropped = 0
  #faults = 0
  #closing: Promise<void> | null = null
  /** Also hears of errors: without a listener of their own they would be events. */
  readonly #sent = (error: Error | null): void => {
    if (error !== null) this.#dropped++
  }

  /** `socket` is bound. `queue`: datagrams that may wait for the system. */
  constructor(
    socket: Socket,
    options: { at: Address; receive: DatagramReceiver; logger: Logger; queue: number },
  ) {
    this.#socket = socket
    this.#receive = options.receive
    this.#logger = options.logger
    this.#queue = options.queue
    this.local = { ...options.at, port: socket.address().port }
    growReceiveBuffer(socket)
    socket.on('message', (message, from) => this.#received(message, from))
    socket.on('error', ignore) // one could not be received; the next may be
  }

  get dropped(): number {
    return this.#dropped
  }

  send(datagram: Uint8Array, to: Address): void {
    if (!this.#hasWayTo(to) || this.#socket.getSendQueueCount() >= this.#queue) {
      this.#dropped++
      return
    }
    // Copied, because the system may take it only after this call; 4 % of what the call costs.
    this.#socket.send(Buffer.from(datagram), to.port, to.host, this.#sent)
  }

  close(): Promise<void> {
    this.#closing ??= new Promise(resolve => this.#socket.close(() => resolve()))
    return this.#closing
  }

  #hasWayTo(to: Address): boolean {
    return this.#closing === null && to.port > 0 && to.port < 65_536 && to.family === this.local.family
  }

  #received(message: Buffer, from: RemoteInfo): void {
    if (this.#closing !== null || from.port === 0) return // nobody can answer port 0: it was forged
    try {
      this.#receive(new Uint8Array(message.buffer, message.byteOffset, message.length), senderOf(from))
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Tells of the 1st, 2nd, 4th, 8th …: a stranger may be able to repeat it, and shall not fill the log. */
  #failed(error: unknown): void {
    const times = ++this.#faults
    if ((times & (times - 1)) === 0) {
      this.#logger.log('error', 'a datagram was dropped because of an error in its receiver', {
        error,
        times,
      })
    }
  }
}

/** The system's text of an IPv4 address is canonical; a link-local IPv6 one may name its interface (`%eth0`). */
function senderOf(from: RemoteInfo): Address {
  return from.family === 'IPv4'
    ? { host: from.address, port: from.port, family: 4 }
    : address(from.address.split('%', 1)[0]!, from.port)
}

function growReceiveBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(NET_LIMITS.datagramReceiveBuffer)
  } catch {
    // Linux gives less where it may not be so large, others refuse: theirs has to do then.
  }
}

function ignore(): void {}
