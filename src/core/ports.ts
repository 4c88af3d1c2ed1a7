/**
 * What the lower layers need of the world, as interfaces. The adapters of L4 implement them, assemblies hand them
 * in at the top, and the simulator has its own: below L4 nothing asks the system for anything.
 */

import type { Address } from './address.ts'
import type { BitTorrentError } from './errors.ts'

export interface Clock {
  /** Milliseconds with fractions, never going back; its zero means nothing. */
  monotonic(): number
  /** Milliseconds since 1970, as the system believes. Only for what people see and files keep. */
  wall(): number
}

/** One timer for a whole session: rings once at the earliest deadline asked for. */
export interface Alarm {
  /** Replaces the time asked for before; Infinity means none. Monotonic milliseconds. */
  set(at: number): void
  /** What to call when the time has come. Set once, by the owner. */
  onRing(ring: () => void): void
  close(): void
}

/** Fast, seedable chance for picks, jitter and ties. Never for secrets. */
export interface Dice {
  /** A whole number, 0 <= n < below. */
  below(below: number): number
  /** 0 <= n < 1. */
  fraction(): number
}

/** Cryptographically strong chance: tokens, keys, transaction ids, peer ids. */
export interface Secrets {
  bytes(length: number): Uint8Array
}

/** Synchronous digests, for small inputs; pieces are hashed by workers. */
export interface Digest {
  /** 20 bytes. */
  sha1(bytes: Uint8Array): Uint8Array
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array
}

/**
 * Ed25519 (RFC 8032), for BEP 44 and BEP 46.
 * @public
 */
export interface Signatures {
  /** `signature`: 64 bytes, `publicKey`: 32. False where one of them is not such. */
  verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean
  /** `secretKey`: the 32 bytes that a pair of keys is made of. */
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array
  /** 32 bytes. */
  publicKeyOf(secretKey: Uint8Array): Uint8Array
}

/** An open stream to one peer: TCP, later uTP. */
export interface StreamSocket {
  readonly remote: Address
  readonly local: Address
  /** Called once, before anything else. */
  start(handlers: StreamHandlers): void
  /**
   * Queues bytes for sending. They must not change until `taken` is called, which happens once: when the system has
   * them, or the socket is closed.
   */
  write(bytes: Uint8Array, taken?: () => void): void
  /** How many bytes are welcome before `drained` is called; 0 when the queue is full. */
  room(): number
  /** Stops `received` until `resume`; at most one chunk that was already read is held back. */
  pause(): void
  resume(): void
  /** Sends what is queued, then closes. */
  end(): void
  /** Closes at once. `closed` is still called, once. */
  destroy(): void
}

export interface StreamHandlers {
  /** `chunk` is valid only during the call. */
  received(chunk: Uint8Array): void
  /** The queue has room again after `room()` was 0. */
  drained(): void
  /** The last call of all; with an error where the connection broke. */
  closed(error: BitTorrentError | null): void
}

/** A socket for datagrams, bound to one address: UDP. */
export interface DatagramSocket {
  /** The address and the port that were really bound. */
  readonly local: Address
  /** How many datagrams were handed to `send` and not sent: no room, no such way, too long, or closed. */
  readonly dropped: number
  /**
   * Sends or drops, and never throws: what is lost here is like what is lost on the way. The bytes are free again when
   * it returns.
   */
  send(datagram: Uint8Array, to: Address): void
  /** At once nothing more is received, and the port is free. Further calls change nothing. */
  close(): Promise<void>
}

/** `datagram` is valid only during the call. A throw costs this datagram and nothing else. */
export type DatagramReceiver = (datagram: Uint8Array, from: Address) => void

/** Binds sockets for datagrams. */
export interface DatagramNetwork {
  /**
   * Nothing is received before the promise has resolved. Rejects with `UsageError` `port-in-use`, `port-forbidden` or
   * `address-unavailable`.
   */
  bind(at: Address, receive: DatagramReceiver): Promise<DatagramSocket>
}

/** A membership in a group of the local networks. */
export interface GroupSocket {
  /** Sends to the group in each network, or drops, and never throws. */
  send(datagram: Uint8Array): void
  /** At once nothing more is received. Further calls change nothing. */
  close(): Promise<void>
}

/** Multicast in the networks that this machine is in. */
export interface GroupNetwork {
  /**
   * Joins a group (its address, and the port of all who are in it). `places`: the addresses of this machine to do so with,
   * `0.0.0.0` and `::` for one in each network; those of another family and loopback are left out. They are asked
   * for whenever something is sent. Only what comes from those networks is received, one's own datagrams too. Rejects with
   * `UsageError` as `bind` does.
   */
  join(group: Address, places: () => readonly Address[], receive: DatagramReceiver): Promise<GroupSocket>
}

/** A place that takes incoming streams. */
export interface StreamListener {
  /** The address and the port that were really bound. */
  readonly local: Address
  close(): Promise<void>
}

/** Opens streams and listens for them. */
export interface StreamNetwork {
  /** Rejects with `ProtocolError` `dial-failed` (or the signal's reason). */
  dial(to: Address, options: { from?: Address; signal: AbortSignal }): Promise<StreamSocket>
  /** Rejects with `UsageError` `port-in-use` or `address-unavailable`. */
  listen(at: Address, accept: (socket: StreamSocket) => void): Promise<StreamListener>
}

/** The memory behind extents, shared with workers. */
export interface ExtentMemory {
  /** A new stretch of `length` bytes on a SharedArrayBuffer of its own. */
  allocate(length: number): Uint8Array
  /**
   * The fastest way to copy into it, where the system has one. `Uint8Array.set` on shared memory copies word by word
   * (V8 must not tear them): a sixth of what `memmove` does.
   */
  readonly copy?: (source: Uint8Array, target: Uint8Array, at: number) => void
}

/** Small whole files: settings, state, torrent files. Bulk data goes through `storage`. */
export interface FileSystem {
  /** Null where there is no such file. */
  read(path: string): Promise<Uint8Array | null>
  /** Written aside, synced, renamed, its folder synced: the old content or the new one, never neither. */
  replace(path: string, bytes: Uint8Array): Promise<void>
  append(path: string, bytes: Uint8Array): Promise<void>
  remove(path: string): Promise<void>
  list(folder: string): Promise<string[]>
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface Logger {
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void
}
