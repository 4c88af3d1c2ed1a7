/**
 * One web port for tracker and site. The door reads the first bytes of each connection: a bounded, plain GET of a path
 * that its owner answers is answered there, at the cost of a copy; everything else, and all that could mean two things,
 * goes to an HTTP server with its bytes put back. A connection may change from the one to the other between requests,
 * never back.
 *
 * What comes before HTTP (the PROXY protocol of a balancer, TLS) is the business of `greet`, before a byte is read here.
 */

import type { Server as HttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
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
  /**
   * Deals with what comes before HTTP on each new connection. It may listen to the socket and take from it what it
   * needs, and leaves it paused. Where it rejects, or is not done within `headTimeout`, that connection is closed, and
   * no other: a socket that is destroyed under it must make it settle.
   *
   * `behind` gets the stream of the greeting as its connection, so `request.socket` is a `TLSSocket` after TLS. Where
   * the greeting names a caller, that stream's `remoteAddress` and `remoteFamily` say so, and its `localAddress` where
   * that was named too; a `remotePort` stays that of the one who called us.
   */
  readonly greet?: (socket: Socket) => Promise<Greeting>
  /** Bounds other than those of `DOOR_LIMITS`. */
  readonly limits?: Partial<typeof DOOR_LIMITS>
}

/** How a connection goes on after what came before HTTP. */
export interface Greeting {
  /** What HTTP is spoken over: the socket itself, or what stands over it. When it closes, the socket is closed. */
  readonly stream: Duplex
  /** Who is at the other end where that is not whom the socket names; canonical text of addresses. */
  readonly caller?: { readonly host: string; readonly localHost?: string }
  /** Read from `stream` already though it belongs to HTTP; it is put back. */
  readonly read?: Uint8Array
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
  /** Those that are being greeted, by the address that they come from. */
  readonly #greetings: AddressCounts
  /** Those that the door reads itself, the oldest first, and how each is no longer counted. Bounded by `connections`. */
  readonly #connections = new Map<DoorConnection, () => void>()
  /** All of them, those that were handed over included. Bounded by `connections`. */
  readonly #sockets = new Set<Socket>()
  /** Those that are being greeted, and until when they may be. Bounded by `connections`. */
  readonly #greeted = new Map<Socket, number>()
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
    this.#greetings = new AddressCounts({
      limit: this.#limits.connections,
      perAddress: this.#limits.greetingsPerHost,
    })
    this.#check = setInterval(() => this.#cutSlow(), this.#limits.checkInterval).unref()
    // Its constructor set up no time-outs, as it does not listen itself; this is what sets them up.
    if (!options.behind.listening) options.behind.emit('listening')
    server.on('connection', socket => this.#greet(socket))
    server.on('error', ignore) // one connection could not be accepted (no file handle left); the next may be
  }

  /** Connections open now, those that were handed over included. */
  get connectionCount(): number {
    return this.#counts.all + this.#greetings.all
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
      for (const socket of this.#greeted.keys()) socket.destroy()
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
    if (this.connectionCount >= this.#limits.connections) this.#makeRoom()
    const { greet } = this.#options
    // Who calls is known only after the greeting: a balancer may stand between.
    let counts = greet === undefined ? this.#counts : this.#greetings
    if (this.connectionCount >= this.#limits.connections || !counts.add(caller.host)) {
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    let counted: string | null = caller.host
    const release = () => {
      if (counted !== null) counts.remove(counted)
      counted = null
      this.#sockets.delete(socket)
    }
    socket.once('close', release)
    if (greet === undefined) {
      this.#read(socket, caller, release)
      return
    }
    const recount = (host: string): boolean => {
      if (counted === null) return false
      counts.remove(counted)
      counts = this.#counts
      counted = counts.add(host) ? host : null
      return counted !== null
    }
    void this.#learn(greet, socket, caller, recount, release)
  }

  /** Lets the owner deal with what comes before HTTP. Never rejects. */
  async #learn(
    greet: (socket: Socket) => Promise<Greeting>,
    socket: Socket,
    caller: DoorCaller,
    recount: (host: string) => boolean,
    release: () => void,
  ): Promise<void> {
    this.#greeted.set(socket, now() + this.#limits.headTimeout)
    socket.once('close', () => this.#greeted.delete(socket))
    const hungUp = () => socket.destroy()
    socket.once('end', hungUp)
    try {
      const { stream, caller: named, read } = await greet(socket)
      socket.off('end', hungUp)
      this.#greeted.delete(socket)
      stream.on('error', ignore)
      if (socket.destroyed) stream.destroy()
      if (stream !== socket) {
        stream.once('close', () => socket.destroy())
        socket.once('close', () => stream.destroy())
      }
      if (socket.destroyed || stream.destroyed) throw new Error('closed while it was greeted')
      const learnt = named === undefined ? caller : callerAt(named.host, named.localHost ?? caller.localHost)
      if (!recount(learnt.host)) throw new Error('too many connections')
      if (named !== undefined) nameCaller(stream, learnt)
      if (read !== undefined && read.length > 0) stream.unshift(read)
      this.#read(stream, learnt, release)
      stream.resume() // the greeting left it paused
    } catch {
      this.#greeted.delete(socket)
      socket.destroy()
    }
  }

  #read(socket: Duplex, caller: DoorCaller, release: () => void): void {
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
    for (const [socket, deadline] of this.#greeted) if (deadline <= time) socket.destroy()
    for (const connection of this.#connections.keys()) if (connection.deadline <= time) connection.cut()
  }
}

/** Puts back what was read and lets the server begin as if the connection were new. */
function handOver(socket: Duplex, read: Buffer, server: HttpServer): void {
  socket.pause()
  socket.unshift(read)
  server.emit('connection', socket)
  socket.resume()
}

/** Null where the connection is gone already. */
function callerOf(socket: Socket): DoorCaller | null {
  const { remoteAddress, localAddress } = socket
  if (remoteAddress === undefined || localAddress === undefined) return null
  return callerAt(remoteAddress, localAddress)
}

function callerAt(remote: string, local: string): DoorCaller {
  // A zone (`fe80::1%eth0`) names our side's interface, not the caller.
  const bytes = hostBytes(withoutZone(remote))
  const host = hostFromBytes(bytes)
  return {
    host,
    hostBytes: bytes,
    scope: scopeOf(host),
    localHost: hostFromBytes(hostBytes(withoutZone(local))),
  }
}

/** For the server behind, which asks the stream; a socket's own properties are getters of its prototype. */
function nameCaller(stream: Duplex, { host, hostBytes, localHost }: DoorCaller): void {
  Object.defineProperties(stream, {
    remoteAddress: { value: host, configurable: true },
    remoteFamily: { value: hostBytes.length === 4 ? 'IPv4' : 'IPv6', configurable: true },
    localAddress: { value: localHost, configurable: true },
  })
}

function withoutZone(host: string): string {
  const zone = host.indexOf('%')
  return zone < 0 ? host : host.slice(0, zone)
}

function now(): number {
  return performance.now()
}

function ignore(): void {}
