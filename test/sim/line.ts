import type { SimSocket } from './sim-socket.ts'
import type { World } from './world.ts'

/** How a host is joined to the others. */
export interface LineOptions {
  /** Bytes a second. Infinity (the default): sending takes no time. */
  readonly up?: number
  readonly down?: number
  /** Milliseconds to the middle of the network; two hosts are the sum of both apart. Default 10. */
  readonly latency?: number
}

/** So long does one socket have the line before it is the next one's turn. */
const TURN = 50
const SHORTEST_CHUNK = 1460
const LONGEST_CHUNK = 262_144

/** A host's line: what it sends waits for its turn, socket by socket; what comes in waits for what came before. */
export class Line {
  readonly latency: number
  readonly #world: World
  readonly #up: number
  readonly down: number
  readonly #quantum: number
  /** Sockets with something to send, in the order of their turns. */
  readonly #waiting = new Set<SimSocket>()
  #isSending = false
  #downBusyUntil = 0
  /** Bytes that went over it so far. */
  sent = 0
  received = 0

  constructor(world: World, options: LineOptions = {}) {
    this.#world = world
    this.#up = options.up ?? Number.POSITIVE_INFINITY
    this.down = options.down ?? Number.POSITIVE_INFINITY
    this.latency = options.latency ?? 10
    this.#quantum = Math.round(Math.min(LONGEST_CHUNK, Math.max(SHORTEST_CHUNK, (this.#up * TURN) / 1000)))
  }

  /** The socket has something to send. */
  offer(socket: SimSocket): void {
    this.#waiting.add(socket)
    if (this.#isSending) return
    this.#isSending = true
    this.#world.after(0, () => this.#send())
  }

  /** When so many bytes that reach the line's far end at `at` have come in. */
  arrival(at: number, length: number): number {
    this.received += length
    this.#downBusyUntil = Math.max(at, this.#downBusyUntil) + (length * 1000) / this.down
    return this.#downBusyUntil
  }

  #send(): void {
    const [socket] = this.#waiting
    if (!socket) {
      this.#isSending = false
      return
    }
    this.#waiting.delete(socket)
    const flight = socket.depart(this.#quantum)
    if (!flight) {
      this.#send()
      return
    }
    this.sent += flight.length
    this.#world.after((flight.length * 1000) / this.#up, () => {
      socket.departed(flight)
      this.#send()
    })
  }
}
