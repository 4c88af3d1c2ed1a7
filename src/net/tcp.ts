import { createServer, type Server, type Socket } from 'node:net'
import { type Address, formatAddress } from '../core/address.ts'
import { ProtocolError, UsageError } from '../core/errors.ts'
import type { StreamListener, StreamNetwork, StreamSocket } from '../core/ports.ts'
import { AddressCounts } from './address-counts.ts'
import { adoptInto, connectInto, Intake } from './intake.ts'
import { NET_LIMITS } from './limits.ts'
import { Slots } from './slots.ts'
import { TcpSocket } from './tcp-socket.ts'

/** TCP, as the system has it. */
export class TcpNetwork implements StreamNetwork {
  readonly #dials: Slots
  readonly #dialTimeout: number
  readonly #sharesHandles: boolean

  /** `sharesHandles: false` reads accepted sockets the documented, slower way; see intake.ts. */
  constructor(options: { halfOpenDials?: number; dialTimeout?: number; sharesHandles?: boolean } = {}) {
    this.#dials = new Slots({
      limit: options.halfOpenDials ?? NET_LIMITS.halfOpenDials,
      waitingLimit: NET_LIMITS.waitingDials,
      what: 'connection attempts',
    })
    this.#dialTimeout = options.dialTimeout ?? NET_LIMITS.dialTimeout
    this.#sharesHandles = options.sharesHandles ?? true
  }

  /**
   * Waits for a turn where too many dials are unanswered, then gives the peer 15 s. Rejects with `ProtocolError`
   * `dial-failed` or `too-busy`, or with the signal's reason.
   */
  async dial(to: Address, options: { from?: Address; signal: AbortSignal }): Promise<StreamSocket> {
    const release = await this.#dials.acquire(options.signal)
    try {
      return await connectTo(to, { ...options, timeout: this.#dialTimeout })
    } finally {
      release()
    }
  }

  /**
   * Sockets are given to `accept` before anything is read from them. Rejects with `UsageError` `port-in-use`,
   * `port-forbidden` or `address-unavailable`.
   */
  async listen(at: Address, accept: (socket: StreamSocket) => void): Promise<StreamListener> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true })
    const open = new AddressCounts({ limit: NET_LIMITS.accepted, perAddress: NET_LIMITS.acceptedPerAddress })
    server.on('connection', accepted => {
      const intake = new Intake()
      const socket = adoptInto(intake, accepted, this.#sharesHandles)
      const stream = streamOf(socket, intake)
      if (stream === null || !open.add(stream.remote.host)) {
        socket.on('error', ignore).destroy()
        return
      }
      socket.once('close', () => open.remove(stream.remote.host))
      accept(stream)
    })
    await listening(server, at)
    const bound = server.address()
    const port = typeof bound === 'object' && bound !== null ? bound.port : at.port
    return {
      local: { ...at, port },
      async close() {
        server.close() // its port is free at once; what was accepted stays open
      },
    }
  }
}

function streamOf(socket: Socket, intake: Intake): TcpSocket | null {
  try {
    return new TcpSocket(socket, intake)
  } catch {
    return null // gone before we looked: there is no address any more
  }
}

function connectTo(
  to: Address,
  options: { from?: Address; signal: AbortSignal; timeout: number },
): Promise<TcpSocket> {
  const { from, signal, timeout } = options
  return new Promise((resolve, reject) => {
    const intake = new Intake()
    const socket = connectInto(intake, {
      host: to.host,
      port: to.port,
      noDelay: true,
      allowHalfOpen: true,
      ...(from === undefined ? {} : { localAddress: from.host, localPort: from.port }),
    })
    const settle = () => {
      signal.removeEventListener('abort', aborted)
      socket.setTimeout(0)
    }
    const fail = (reason: unknown) => {
      settle()
      socket.destroy()
      reject(reason)
    }
    const aborted = () => fail(signal.reason)
    const broken = (error: Error) => fail(dialFailed(to, error.message, error))
    signal.addEventListener('abort', aborted, { once: true })
    socket.setTimeout(timeout, () => fail(dialFailed(to, `no answer within ${timeout / 1000} s`)))
    socket.on('error', broken)
    socket.once('connect', () => {
      settle()
      const stream = streamOf(socket, intake)
      if (stream === null) return fail(dialFailed(to, 'it was closed at once'))
      socket.off('error', broken) // the stream listens for itself
      resolve(stream)
    })
  })
}

function dialFailed(to: Address, why: string, cause?: unknown): ProtocolError {
  return new ProtocolError('dial-failed', `cannot connect to ${formatAddress(to)}: ${why}`, { cause })
}

function listening(server: Server, at: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(listenError(at, error))
    server.once('error', failed)
    // `exclusive`: a port that is in use is an error, also in a cluster. IPv6 sockets take no IPv4, which has its own.
    server.listen({ host: at.host, port: at.port, ipv6Only: at.family === 6, exclusive: true }, () => {
      server.off('error', failed)
      server.on('error', ignore) // one connection could not be accepted (no file handle left); the next may be
      resolve()
    })
  })
}

/** What went wrong with listening, in words that say what to do. */
export function listenError(at: Address, cause: NodeJS.ErrnoException): UsageError {
  const where = formatAddress(at)
  switch (cause.code) {
    case 'EADDRINUSE':
      return new UsageError('port-in-use', `${where} is in use by another program: choose another port`, {
        cause,
      })
    case 'EACCES':
      return new UsageError('port-forbidden', `may not listen on ${where}: ports below 1024 need rights`, {
        cause,
      })
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return new UsageError(
        'address-unavailable',
        `${at.host} is not an address of this machine: choose one that is, or ${at.family === 4 ? '0.0.0.0' : '::'} for all`,
        { cause },
      )
    default:
      return new UsageError('listen-failed', `cannot listen on ${where}: ${cause.message}`, { cause })
  }
}

function ignore(): void {}
