import type { Duplex } from 'node:stream'
import type { Scope } from '../../core/address.ts'
import type { DOOR_LIMITS } from './limits.ts'
import { parsePlainGet, pathOf, type PlainGet } from './plain-get.ts'

/** Who is at the other end. */
export interface DoorCaller {
  /** Canonical text, and its 4 or 16 bytes. */
  readonly host: string
  readonly hostBytes: Uint8Array
  readonly scope: Scope
  /** The address of ours that was called. */
  readonly localHost: string
}

export interface DoorConnectionOptions {
  readonly socket: Duplex
  readonly caller: DoorCaller
  readonly isAnswered: (path: string) => boolean
  readonly answer: (path: string, query: string, caller: DoorCaller) => Uint8Array
  /** Takes over the connection; `read` is what was read of it and not answered. */
  readonly handOver: (read: Buffer) => void
  readonly limits: ConnectionLimits
  readonly now: () => number
}

/** The bounds of one connection; see `DOOR_LIMITS`. */
export type ConnectionLimits = Pick<
  typeof DOOR_LIMITS,
  'headLength' | 'headTimeout' | 'idleTimeout' | 'sendTimeout'
>

const HEAD_END = '\r\n\r\n'
const METHOD = Buffer.from('GET /')
const TOO_LONG = Buffer.from(
  'HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
)
const TOO_LATE = Buffer.from('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')

/** One connection while the door reads it: answers plain GETs in their order, and hands over at the first other thing. */
export class DoorConnection {
  /** When it is cut unless something happens; monotonic milliseconds. */
  deadline: number
  readonly socket: Duplex
  readonly #options: DoorConnectionOptions
  /** Read and not answered yet; bounded by `headLength`, the end of a head, and one chunk. */
  #held: Buffer | null = null
  /** Nothing more is answered here. */
  #isOver = false

  constructor(options: DoorConnectionOptions) {
    this.#options = options
    this.socket = options.socket
    this.deadline = options.now() + options.limits.headTimeout
    this.socket.on('data', this.#received)
    this.socket.on('drain', this.#drained)
    this.socket.on('end', this.#ended)
  }

  /** All that was asked is answered and sent. */
  get isIdle(): boolean {
    return this.#held === null && this.socket.writableLength === 0
  }

  /** Its time is over. Who was slow to ask is told so; who is slow to listen is not. */
  cut(): void {
    if (this.#isOver || this.socket.writableLength > 0) {
      this.socket.destroy()
      return
    }
    if (this.#held !== null) this.socket.write(TOO_LATE)
    this.end()
  }

  /** Sends what is answered and reads nothing more. */
  end(): void {
    this.#isOver = true
    this.#held = null
    this.deadline = this.#options.now() + this.#options.limits.sendTimeout
    this.socket.off('data', this.#received).resume().end()
  }

  readonly #received = (chunk: Buffer): void => {
    if (this.#held === null) {
      this.#held = chunk
      this.deadline = this.#options.now() + this.#options.limits.headTimeout
    } else this.#held = Buffer.concat([this.#held, chunk])
    this.#work()
  }

  readonly #drained = (): void => {
    if (this.#isOver) return
    this.socket.resume()
    this.#work()
  }

  readonly #ended = (): void => {
    if (!this.#isOver) this.end()
  }

  /** Answers what is complete. Answers to requests that came together leave together. */
  #work(): void {
    const { limits, now } = this.#options
    let hasAnswered = false
    this.socket.cork()
    while (this.#held !== null && !this.socket.writableNeedDrain) {
      if (!this.#next(this.#held)) break
      hasAnswered = true
    }
    this.socket.uncork()
    if (this.#isOver) return
    if (this.socket.writableNeedDrain) {
      this.socket.pause()
      this.deadline = now() + limits.sendTimeout
    } else if (this.#held === null) this.deadline = now() + limits.idleTimeout
    else if (hasAnswered) this.deadline = now() + limits.headTimeout
  }

  /** Deals with what stands first in `held`; false where more of it must come. */
  #next(held: Buffer): boolean {
    const start = Math.min(held.length, METHOD.length)
    if (held.compare(METHOD, 0, start, 0, start) !== 0) return this.#handOver(held)
    const end = held.indexOf(HEAD_END)
    if (end < 0 || end > this.#options.limits.headLength) return this.#wait(held)
    const get = parsePlainGet(held.toString('latin1', 0, end))
    if (get === null || !this.#options.isAnswered(get.path)) return this.#handOver(held)
    this.#answer(get)
    const next = end + HEAD_END.length
    this.#held = next < held.length ? held.subarray(next) : null
    if (!get.keepsAlive) this.end()
    return true
  }

  /**
   * A head that is not complete, or too long: others' are handed over as soon as that is sure, ours may not grow too
   * long. What is decided must not depend on how the bytes were cut.
   */
  #wait(held: Buffer): boolean {
    const { headLength } = this.#options.limits
    const lineEnd = held.indexOf('\r\n')
    if (lineEnd >= 0 && lineEnd <= headLength) {
      const path = pathOf(held.toString('latin1', 0, lineEnd))
      if (path === null || !this.#options.isAnswered(path)) return this.#handOver(held)
    }
    // The end of a head that is just short enough may be there but for its last byte.
    if (held.length >= headLength + HEAD_END.length) {
      this.socket.write(TOO_LONG)
      this.end()
    }
    return false
  }

  #answer(get: PlainGet): void {
    const body = this.#options.answer(get.path, get.query, this.#options.caller)
    const connection = !get.keepsAlive
      ? 'Connection: close\r\n'
      : get.isOld
        ? 'Connection: keep-alive\r\n'
        : ''
    const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n${connection}\r\n`
    const bytes = Buffer.allocUnsafe(head.length + body.length)
    bytes.write(head, 0, 'latin1')
    bytes.set(body, head.length)
    this.socket.write(bytes)
  }

  #handOver(held: Buffer): boolean {
    this.#isOver = true
    this.#held = null
    this.socket.off('data', this.#received).off('drain', this.#drained).off('end', this.#ended)
    this.#options.handOver(held)
    return false
  }
}
