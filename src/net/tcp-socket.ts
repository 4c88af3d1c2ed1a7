import type { Socket } from 'node:net'
import { type Address, address } from '../core/address.ts'
import { ProtocolError } from '../core/errors.ts'
import type { StreamHandlers, StreamSocket } from '../core/ports.ts'
import type { Intake } from './intake.ts'
import { NET_LIMITS } from './limits.ts'

/** Below this the queue counts as having room again: half of it, so that the refill is worth a call. */
const LOW_WATER = NET_LIMITS.sendQueue / 2

/**
 * A TCP connection. Writes of one turn leave in one system call, and nothing is copied on the way: the system reads
 * the very bytes that were handed in. When the other side has sent its end, the connection is closed.
 */
export class TcpSocket implements StreamSocket {
  readonly remote: Address
  readonly local: Address
  readonly #socket: Socket
  readonly #intake: Intake
  #handlers: StreamHandlers | null = null
  /** Bytes handed in and not yet taken by the system. */
  #queued = 0
  /** Writes handed in whose `taken` is still to be called. */
  #untaken = 0
  #isCorked = false
  #wasAboveLowWater = false
  #isEnding = false
  #isClosed = false
  #error: Error | null = null
  #linger: NodeJS.Timeout | undefined
  readonly #uncork = () => {
    this.#isCorked = false
    this.#socket.uncork()
  }

  /** `socket` is connected, paused, and reads into `intake`. Throws `FormatError` where it is gone already. */
  constructor(socket: Socket, intake: Intake) {
    this.#socket = socket
    this.#intake = intake
    this.remote = plainAddress(socket.remoteAddress, socket.remotePort)
    this.local = plainAddress(socket.localAddress, socket.localPort)
    socket.on('error', error => {
      this.#error ??= error
    })
    socket.once('end', () => {
      if (!this.#isEnding) socket.destroy() // else it closes by itself when what is queued has been sent
    })
    socket.once('close', () => this.#closed())
  }

  start(handlers: StreamHandlers): void {
    this.#handlers = handlers
    if (this.#isClosed) {
      process.nextTick(() => this.#tellClosed())
      return
    }
    this.#intake.take = chunk => handlers.received(chunk)
    this.resume()
  }

  write(bytes: Uint8Array, taken?: () => void): void {
    if (this.#isEnding || this.#isClosed || this.#socket.destroyed || bytes.length === 0) {
      if (taken !== undefined) process.nextTick(taken)
      return
    }
    this.#queued += bytes.length
    this.#untaken++
    if (this.#queued > LOW_WATER) this.#wasAboveLowWater = true
    this.#cork()
    this.#socket.write(bytes, () => this.#taken(bytes.length, taken))
  }

  room(): number {
    return Math.max(0, NET_LIMITS.sendQueue - this.#queued)
  }

  pause(): void {
    this.#intake.isOpen = false
    this.#socket.pause()
  }

  resume(): void {
    if (this.#handlers === null || this.#isClosed) return
    this.#intake.isOpen = true
    this.#socket.resume()
  }

  end(): void {
    if (this.#isEnding || this.#isClosed) return
    this.#isEnding = true
    this.#socket.end()
    // Read on, and drop it: closing with unread bytes would reset the connection under what is still on its way.
    this.#intake.take = ignore
    this.#intake.isOpen = true
    this.#socket.resume()
    this.#linger = setTimeout(() => this.#socket.destroy(), NET_LIMITS.endLinger)
  }

  destroy(): void {
    this.#intake.isOpen = false
    this.#intake.take = ignore
    this.#socket.destroy()
  }

  /** Holds back what is written until this turn is over: several small writes become one call. */
  #cork(): void {
    if (this.#isCorked) return
    this.#isCorked = true
    this.#socket.cork()
    process.nextTick(this.#uncork)
  }

  #taken(length: number, taken: (() => void) | undefined): void {
    this.#queued -= length
    this.#untaken--
    taken?.()
    if (this.#isClosed) {
      if (this.#untaken === 0) this.#tellClosed()
    } else if (this.#wasAboveLowWater && this.#queued <= LOW_WATER) {
      this.#wasAboveLowWater = false
      if (!this.#socket.destroyed && !this.#isEnding) this.#handlers?.drained()
    }
  }

  #closed(): void {
    clearTimeout(this.#linger)
    this.#isClosed = true
    this.#intake.take = ignore
    if (this.#untaken === 0) this.#tellClosed()
  }

  #tellClosed(): void {
    const handlers = this.#handlers
    if (handlers === null) return
    this.#handlers = null
    handlers.closed(this.#error === null ? null : connectionLost(this.remote, this.#error))
  }
}

function connectionLost(remote: Address, cause: Error): ProtocolError {
  return new ProtocolError('connection-lost', `the connection to ${remote.host} broke: ${cause.message}`, {
    cause,
  })
}

/** Node writes link-local addresses with their interface (`fe80::1%eth0`), which other machines cannot use. */
function plainAddress(host = '', port = 0): Address {
  return address(host.split('%', 1)[0]!, port)
}

function ignore(): void {}
