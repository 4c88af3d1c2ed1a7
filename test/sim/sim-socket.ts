import type { Address } from '../../src/core/address.ts'
import { type BitTorrentError, ProtocolError } from '../../src/core/errors.ts'
import type { StreamHandlers, StreamSocket } from '../../src/core/ports.ts'
import type { SimHost } from './sim-network.ts'
import type { World } from './world.ts'

/** As the real socket: see `src/net/limits.ts`. */
const SEND_QUEUE = 1_048_576
const LOW_WATER = SEND_QUEUE / 2
/** Bytes under way, or waiting for the other side to read: at most, and on a slow line so many ms' worth. */
const LARGEST_WINDOW = 4_194_304
const SMALLEST_WINDOW = 16_384
const WINDOW_TIME = 500
/** How long a closed end waits for the other to close too. */
const LINGER = 10_000

interface Queued {
  readonly bytes: Uint8Array
  at: number
  readonly taken: (() => void) | undefined
}

/** A stretch of bytes on its way. They are the sender's own until they are delivered, or copied. */
export interface Flight {
  bytes: Uint8Array
  readonly length: number
  taken: (() => void) | undefined
}

/** One end of a connection in the make-believe network. What `StreamSocket` promises, it does. */
export class SimSocket implements StreamSocket {
  readonly local: Address
  readonly remote: Address
  readonly host: SimHost
  isClosed = false
  readonly #world: World
  /** The other end. */
  #peer: SimSocket | null = null
  #handlers: StreamHandlers | null = null
  #isPaused = false
  /** Handed in and not sent. A set, because taking the first of a long array costs a move of all others. */
  readonly #queue = new Set<Queued>()
  #queued = 0
  #wasAboveLowWater = false
  /** Sent and not delivered, in order. */
  readonly #flights = new Set<Flight>()
  #inFlight = 0
  /** Came while nobody read. */
  readonly #inbox: Flight[] = []
  #isEnding = false
  #hasSentEnd = false
  /** The other side will send nothing more, once the inbox is read. */
  #hasRemoteEnded = false
  #lastArrival = 0
  /** Packets vanish: the other side has lost its power, or the way there is cut. */
  #isSilent = false
  #error: BitTorrentError | null = null

  constructor(options: { world: World; host: SimHost; local: Address; remote: Address }) {
    this.#world = options.world
    this.host = options.host
    this.local = options.local
    this.remote = options.remote
  }

  static join(a: SimSocket, b: SimSocket): void {
    a.#peer = b
    b.#peer = a
  }

  get #window(): number {
    const rate = this.#peer?.host.line.down ?? Number.POSITIVE_INFINITY
    return Math.max(SMALLEST_WINDOW, Math.min(LARGEST_WINDOW, (rate * WINDOW_TIME) / 1000))
  }

  start(handlers: StreamHandlers): void {
    this.#handlers = handlers
    this.#world.after(0, () => (this.isClosed ? this.#tellClosed() : this.#readOn()))
  }

  write(bytes: Uint8Array, taken?: () => void): void {
    if (this.isClosed || this.#isEnding || bytes.length === 0) {
      if (taken) this.#world.after(0, taken)
      return
    }
    this.#queue.add({ bytes, at: 0, taken })
    this.#queued += bytes.length
    if (this.#queued > LOW_WATER) this.#wasAboveLowWater = true
    this.host.line.offer(this)
  }

  room(): number {
    return Math.max(0, SEND_QUEUE - this.#queued)
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#world.after(0, () => this.#readOn())
  }

  end(): void {
    if (this.isClosed || this.#isEnding) return
    this.#isEnding = true
    this.#dropInbox()
    this.#world.after(LINGER, () => this.destroy())
    if (this.#queue.size === 0) this.#sendEnd()
  }

  destroy(): void {
    if (this.isClosed) return
    this.#sendEnd()
    this.#close(null)
  }

  /** The connection breaks: this end is told, and nothing that was under way arrives. */
  break(): void {
    if (this.isClosed) return
    this.#isSilent = true
    this.#close(new ProtocolError('connection-lost', `the connection to ${this.remote.host} broke`))
  }

  /** From now on nothing arrives at either end, and nobody is told. */
  fallSilent(): void {
    this.#isSilent = true
    if (this.#peer) this.#peer.#isSilent = true
  }

  // What the line asks.

  get wantsToSend(): boolean {
    return this.#queue.size > 0 && !this.isClosed
  }

  /** The next stretch to send; null where there is nothing, or the other side does not read. `isWhole`: all that waits. */
  depart(most: number, options: { isWhole?: boolean } = {}): Flight | null {
    const [first] = this.#queue
    if (options.isWhole && this.#queued > most) return null
    if (!first || this.isClosed || this.#inFlight >= this.#window) return null
    const end = Math.min(first.bytes.length, first.at + most)
    const bytes = first.bytes.subarray(first.at, end)
    first.at = end
    const isLast = end === first.bytes.length
    if (isLast) this.#queue.delete(first)
    const flight = { bytes, length: bytes.length, taken: isLast ? first.taken : undefined }
    this.#flights.add(flight)
    this.#inFlight += flight.length
    return flight
  }

  /** `delay`: how long its last byte still takes. */
  departed(flight: Flight, delay: number): void {
    if (this.isClosed && flight.length > 0 && !this.#flights.has(flight)) return
    this.#queued -= flight.length
    this.#travel(flight, delay)
    if (this.#queue.size > 0) this.host.line.offer(this)
    else if (this.#isEnding) {
      this.#sendEnd()
      this.#closeAfterReading()
    }
    if (!this.isClosed && this.#wasAboveLowWater && this.#queued <= LOW_WATER) {
      this.#wasAboveLowWater = false
      if (!this.#isEnding) this.#handlers?.drained()
    }
  }

  #travel(flight: Flight, delay: number): void {
    const to = this.#peer?.host
    if (!to) return
    const farEnd = this.#world.now + delay + this.host.line.latency + to.line.latency
    const arrival = to.line.arrival(farEnd, flight.length)
    this.#lastArrival = arrival
    this.#world.at(arrival, () => {
      const peer = this.#peer
      if (peer && !this.#isSilent) peer.#receive(flight)
    })
  }

  #sendEnd(): void {
    const to = this.#peer?.host
    if (this.#hasSentEnd || !to) return
    this.#hasSentEnd = true
    const arrival = Math.max(this.#lastArrival, this.#world.now + this.host.line.latency + to.line.latency)
    this.#world.at(arrival, () => {
      const peer = this.#peer
      if (peer && !this.#isSilent) peer.#receiveEnd()
    })
  }

  #receive(flight: Flight): void {
    if (this.isClosed || this.#isEnding) this.#delivered(flight)
    else if (this.#handlers === null || this.#isPaused || this.#inbox.length > 0) {
      keep(flight)
      this.#inbox.push(flight)
    } else {
      this.#handlers.received(flight.bytes)
      this.#delivered(flight)
    }
  }

  #receiveEnd(): void {
    this.#hasRemoteEnded = true
    this.#closeAfterReading()
  }

  #readOn(): void {
    while (this.#handlers && !this.#isPaused && !this.isClosed && this.#inbox.length > 0) {
      const flight = this.#inbox.shift()!
      this.#handlers.received(flight.bytes)
      this.#delivered(flight)
    }
    this.#closeAfterReading()
  }

  /** An end that was ending itself goes on sending first; another closes, as there is nobody to talk to. */
  #closeAfterReading(): void {
    if (!this.#hasRemoteEnded || this.isClosed || this.#inbox.length > 0) return
    if (this.#isEnding && !this.#hasSentEnd) return
    this.#sendEnd()
    this.#close(null)
  }

  #dropInbox(): void {
    for (const flight of this.#inbox.splice(0)) this.#delivered(flight)
  }

  /** The other side's bytes need not be kept for us any more. */
  #delivered(flight: Flight): void {
    const sender = this.#peer
    if (!sender || !sender.#flights.delete(flight)) return
    const wasFull = sender.#inFlight >= sender.#window
    sender.#inFlight -= flight.length
    const { taken } = flight
    flight.taken = undefined
    taken?.()
    if (wasFull && sender.#queue.size > 0) sender.host.line.offer(sender)
  }

  #close(error: BitTorrentError | null): void {
    this.isClosed = true
    this.#error = error
    this.host.forget(this)
    const untaken = Array.from(this.#queue, ({ taken }) => taken)
    this.#queue.clear()
    this.#queued = 0
    for (const flight of this.#flights) {
      keep(flight)
      untaken.push(flight.taken)
      flight.taken = undefined
    }
    this.#dropInbox()
    this.#world.after(0, () => {
      for (const taken of untaken) taken?.()
      this.#tellClosed()
    })
  }

  #tellClosed(): void {
    const handlers = this.#handlers
    this.#handlers = null
    handlers?.closed(this.#error)
  }
}

/** The bytes are copied: their owner may have them back. */
function keep(flight: Flight): void {
  flight.bytes = flight.bytes.slice()
  const { taken } = flight
  flight.taken = undefined
  taken?.()
}
