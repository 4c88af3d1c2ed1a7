/**
 * One web port for tracker and site. The door reads the first bytes of each connection: a bounded, plain GET of a path
 * that its owner answers is answered there, at the cost of a copy; everything else, and all that could mean two things,
 * goes to an HTTP server with its bytes put back. A connection may change from the one to the other between requests,
 * never back.
 *
 * What comes before HTTP (the PROXY protocol of a balancer, TLS) has its place in `#greet`, before the caller is known.
 */

import type { Server as HttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { type Address, hostBytes, hostFromBytes, scopeOf } from '../core/address.ts'
import { AddressCounts } from './address-counts.ts'
import { type DoorCaller, DoorConnection } from './door/door-connection.ts'
import { DOOR_LIMITS } from './door/limits.ts'
import { listenError } from './tcp.ts'

export type { DoorCaller }

export interface FrontDoorOptions {
  /** Whether `answer` has an answer for this path, as it stands in the request. */
  readonly isAnswered: (path: string) => boolean
  /** The body of a 200 in `text/plain`; used before the next call. Must not throw. */
  readonly answer: (path: string, query: string, caller: DoorCaller) => Uint8Array
  /** Takes all other requests. It need not listen; its time-outs are its own. The owner closes it. */
  readonly behind: HttpServer
  /** Bounds other than those of `DOOR_LIMITS`. */
  readonly limits?: Partial<typeof DOOR_LIMITS>
}

/** Opens one web port. Rejects as `TcpNetwork.listen` does. */
export async function openFrontDoor(at: Address, options: FrontDoorOptions): Promise<FrontDoor> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: DOOR_LIMITS.unsentLength })
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(listenError(at, error))
    server.once('error', failed)
    server.listen({ host: at.host, port: at.port, ipv6Only: at.family === 6, exclusive: true }, () => {
      server.off('error', failed)
      resolve()
    })
  })
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : at.port
  return new FrontDoor(server, { ...at, port }, options)
}

export class FrontDoor {
  /** The address and the port that were really bound. */
  readonly local: Address
  readonly #server: Server
  readonly #options: FrontDoorOptions
  readonly #limits: typeof DOOR_LIMITS
  readonly #counts: AddressCounts
  /** Those that the door reads itself, the oldest first, and how each is no longer counted. Bounded by `connections`. */
  readonly #connections = new Map<DoorConnection, () => void>()
  /** All of them, those that were handed over included. Bounded by `connections`. */
  readonly #sockets = new Set<Socket>()
  readonly #check: NodeJS.Timeout
  #closing: Promise<void> | null = null

  constructor(server: Server, local: Address, options: FrontDoorOptions) {
    this.local = local
    this.#server = server
    this.#options = options
    this.#limits = { ...DOOR_LIMITS, ...options.limits }
    this.#counts = new AddressCounts({
      limit: this.#limits.connections,
      perAddress: this.#limits.connectionsPerHost,
    })
    this.#check = setInterval(() => this.#cutSlow(), this.#limits.checkInterval).unref()
    // Its constructor set up no time-outs, as it does not listen itself; this is what sets them up.
    if (!options.behind.listening) options.behind.emit('listening')
    server.on('connection', socket => this.#greet(socket))
    server.on('error', ignore) // one connection could not be accepted (no file handle left); the next may be
  }

  /** Connections open now, those that were handed over included. */
  get connectionCount(): number {
    return this.#counts.all
  }

  /**
   * Takes no more connections, lets every request that is there be answered, and resolves when all connections are
   * gone, those that were handed over too: at the latest after `drainTimeout`.
   */
  close(): Promise<void> {
    this.#closing ??= new Promise(resolve => {
      const drain = setInterval(() => this.#options.behind.closeIdleConnections(), this.#limits.checkInterval)
      const late = setTimeout(() => {
        for (const socket of this.#sockets) socket.destroy()
      }, this.#limits.drainTimeout)
      this.#server.close(() => {
        clearInterval(this.#check)
        clearInterval(drain)
        clearTimeout(late)
        resolve()
      })
      this.#options.behind.closeIdleConnections()
      for (const connection of this.#connections.keys()) {
        if (connection.isIdle) connection.socket.destroy()
        else connection.end()
      }
    })
    return this.#closing
  }

  #greet(socket: Socket): void {
    socket.on('error', ignore) // 'close' follows
    const caller = callerOf(socket)
    if (caller === null) {
      socket.destroy()
      return
    }
    if (this.#counts.all >= this.#limits.connections) this.#makeRoom()
    if (!this.#counts.add(caller.host)) {
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    let isCounted = true
    const release = () => {
      if (isCounted) this.#counts.remove(caller.host)
      isCounted = false
      this.#sockets.delete(socket)
    }
    socket.once('close', release)
    this.#read(socket, caller, release)
  }

  #read(socket: Socket, caller: DoorCaller, release: () => void): void {
    const connection = new DoorConnection({
      socket,
      caller,
      isAnswered: this.#options.isAnswered,
      answer: this.#options.answer,
      limits: this.#limits,
      now,
      handOver: read => {
        this.#connections.delete(connection)
        handOver(socket, read, this.#options.behind)
      },
    })
    this.#connections.set(connection, release)
    socket.once('close', () => this.#connections.delete(connection))
  }

  /** Ends the connection that was idle for longest, for the sake of a new one. */
  #makeRoom(): void {
    for (const [connection, release] of this.#connections) {
      if (!connection.isIdle) continue
      this.#connections.delete(connection)
      connection.socket.destroy()
      release()
      return
    }
  }

  #cutSlow(): void {
    const time = now()
    for (const connection of this.#connections.keys()) if (connection.deadline <= time) connection.cut()
  }
}

/** Puts back what was read and lets the server begin as if the connection were new. */
function handOver(socket: Socket, read: Buffer, server: HttpServer): void {
  socket.pause()
  socket.unshift(read)
  server.emit('connection', socket)
  socket.resume()
}

/** Null where the connection is gone already. */
function callerOf(socket: Socket): DoorCaller | null {
  const { remoteAddress, localAddress } = socket
  if (remoteAddress === undefined || localAddress === undefined) return null
  // A zone (`fe80::1%eth0`) names our side's interface, not the caller.
  const bytes = hostBytes(withoutZone(remoteAddress))
  const host = hostFromBytes(bytes)
  return {
    host,
    hostBytes: bytes,
    scope: scopeOf(host),
    localHost: hostFromBytes(hostBytes(withoutZone(localAddress))),
  }
}

function withoutZone(host: string): string {
  const zone = host.indexOf('%')
  return zone < 0 ? host : host.slice(0, zone)
}

function now(): number {
  return performance.now()
}

function ignore(): void {}
