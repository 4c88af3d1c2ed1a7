import type { Dice } from '../../src/core/ports.ts'
import type { SimSocket } from './sim-socket.ts'
import type { World } from './world.ts'

/** How a host is joined to the others. */
export interface LineOptions {
  /** Bytes a second. Infinity (the default): sending takes no time. */
  readonly up?: number
  readonly down?: number
  /** Milliseconds to the middle of the network; two hosts are the sum of both apart. Default 10. */
  readonly latency?: number
  /** The part of the datagrams that gets lost on this line, 0 to 1. Default 0; streams lose nothing. */
  readonly loss?: number
  /** How many milliseconds of traffic may stand before a datagram that is not dropped. Default 1000. */
  readonly queue?: number
}

/** So long does one socket have the line before it is the next one's turn. */
const TURN = 50
const SHORTEST_CHUNK = 1460
/** A line that is free in less than this counts as idle. */
const IDLE = 1
const LONGEST_CHUNK = 262_144

/** A host's line: what it sends waits for its turn, socket by socket; what comes in waits for what came before. */
export class Line {
  readonly latency: number
  readonly #world: World
  readonly #up: number
  readonly down: number
  readonly #quantum: number
  readonly #loss: number
  readonly #queue: number
  /** Null where nothing is lost: then the world's chance is not asked. */
  readonly #dice: Dice | null
  /** Sockets with something to send, in the order of their turns. */
  readonly #waiting = new Set<SimSocket>()
  #isSending = false
  #upBusyUntil = 0
  #downBusyUntil = 0
  /** Bytes that went over it so far. */
  sent = 0
  received = 0

  constructor(world: World, options: LineOptions = {}) {
    this.#world = world
    this.#up = options.up ?? Number.POSITIVE_INFINITY
    this.down = options.down ?? Number.POSITIVE_INFINITY
    this.latency = options.latency ?? 10
    this.#loss = options.loss ?? 0
    this.#queue = options.queue ?? 1000
    this.#dice = this.#loss > 0 ? world.newDice() : null
    this.#quantum = Math.round(Math.min(LONGEST_CHUNK, Math.max(SHORTEST_CHUNK, (this.#up * TURN) / 1000)))
  }

  /** The socket has something to send. */
  offer(socket: SimSocket): void {
    if (this.#isSending) {
      this.#waiting.add(socket)
      return
    }
    const delay = Math.max(0, this.#upBusyUntil - this.#world.now)
    if (delay < IDLE) this.#sendSmall(socket, delay)
    if (!socket.wantsToSend) return
    this.#waiting.add(socket)
    this.#isSending = true
    this.#world.after(delay, () => this.#send())
  }

  /** When so many bytes that reach the line's far end at `at` have come in. */
  arrival(at: number, length: number): number {
    this.received += length
    this.#downBusyUntil = Math.max(at, this.#downBusyUntil) + (length * 1000) / this.down
    return this.#downBusyUntil
  }

  /** How long a datagram takes out into the network; null where too much stands before it. */
  datagramOut(length: number): number | null {
    const wait = Math.max(0, this.#upBusyUntil - this.#world.now)
    if (wait > this.#queue) return null
    const duration = wait + (length * 1000) / this.#up
    this.#upBusyUntil = this.#world.now + duration
    this.sent += length
    return duration
  }

  /** How long a datagram that has reached the line's far end takes to come in; null where it is dropped. */
  datagramIn(length: number): number | null {
    if (this.down === Number.POSITIVE_INFINITY) {
      this.received += length
      return 0
    }
    const wait = Math.max(0, this.#downBusyUntil - this.#world.now)
    return wait > this.#queue ? null : this.arrival(this.#world.now, length) - this.#world.now
  }

  /** Whether the next datagram gets lost on this line. */
  loses(): boolean {
    return this.#dice !== null && this.#dice.fraction() < this.#loss
  }

  /** Most messages are small and find the line idle: they leave at once, without an event of their own. */
  #sendSmall(socket: SimSocket, delay: number): void {
    const flight = socket.depart(SHORTEST_CHUNK, { isWhole: true })
    if (!flight) return
    this.sent += flight.length
    const duration = delay + (flight.length * 1000) / this.#up
    this.#upBusyUntil = this.#world.now + duration
    socket.departed(flight, duration)
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
    const start = Math.max(this.#world.now, this.#upBusyUntil) // datagrams may have gone first
    this.#upBusyUntil = start + (flight.length * 1000) / this.#up
    this.#world.at(this.#upBusyUntil, () => {
      socket.departed(flight, 0)
      this.#send()
    })
  }
}
