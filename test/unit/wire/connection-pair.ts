import { Bitfield } from '../../../src/core/bitfield.ts'
import { latin1Bytes } from '../../../src/core/bytes.ts'
import {
  type AcceptOptions,
  type PeerEvent,
  PeerWire,
  type PeerWireOptions,
} from '../../../src/wire/peer-wire.ts'
import { INFO_HASH } from './wire-bytes.ts'

export type Side = 'a' | 'b'

/** Events without the bytes that do not outlive a chunk: blocks are joined into one. */
export type Seen = PeerEvent | { type: 'block'; piece: number; begin: number; bytes: number[] }

interface PairOptions {
  readonly a?: Partial<PeerWireOptions>
  readonly b?: Partial<AcceptOptions>
  /** How many bytes a chunk has at most. */
  readonly chunkLength?: number
  /** False: `b` is not accepted on its own. */
  readonly accepts?: boolean
}

/** Two wires joined in memory: `a` dialled, `b` was dialled. */
export class ConnectionPair {
  readonly a: PeerWire
  readonly b: PeerWire
  now = 0
  /** What each side saw of the other since it was last taken. */
  readonly #seen: Record<Side, Seen[]> = { a: [], b: [] }
  readonly #options: PairOptions
  /** How many bytes each side may still send; Infinity unless a test says otherwise. */
  readonly room: Record<Side, number> = { a: Number.POSITIVE_INFINITY, b: Number.POSITIVE_INFINITY }
  #block: { piece: number; begin: number; bytes: number[] } | null = null

  constructor(options: PairOptions = {}) {
    this.#options = options
    this.a = new PeerWire({
      role: 'initiator',
      peerId: latin1Bytes('-SH0100-aaaaaaaaaaaa'),
      infoHash: INFO_HASH,
      pieceCount: 10,
      extended: {},
      now: 0,
      ...options.a,
    })
    this.b = new PeerWire({ role: 'acceptor', peerId: latin1Bytes('-SH0100-bbbbbbbbbbbb'), now: 0 })
  }

  /** Both handshakes and both bitfields, and nothing left to say. */
  static open(options: PairOptions & { bits?: Partial<Record<Side, Bitfield>> } = {}): ConnectionPair {
    const pair = new ConnectionPair(options)
    pair.settle()
    pair.a.bitfield(options.bits?.a ?? new Bitfield(10))
    pair.b.bitfield(options.bits?.b ?? Bitfield.full(10))
    pair.settle()
    pair.take('a')
    pair.take('b')
    return pair
  }

  /** Carries bytes to and fro until nobody has more to say. */
  settle(): void {
    while (this.#drain('a') + this.#drain('b') > 0);
  }

  /** What a side has seen since the last time. */
  take(side: Side): Seen[] {
    return this.#seen[side].splice(0)
  }

  /** Settles, and gives what a side saw. */
  seenBy(side: Side): Seen[] {
    this.settle()
    return this.take(side)
  }

  /** Carries one side's output over; returns how many bytes and events that was. */
  #drain(side: Side): number {
    const other = side === 'a' ? this.b : this.a
    let moved = 0
    const outputs: Uint8Array[] = []
    this[side].drain(
      {
        room: () => this.room[side],
        send: output => {
          outputs.push(output.bytes.slice())
          output.taken?.()
          this.room[side] -= output.bytes.length
        },
        emit: event => {
          moved++
          this.#see(side, event)
        },
      },
      this.now,
    )
    for (const bytes of outputs) {
      moved += bytes.length
      const length = this.#options.chunkLength ?? bytes.length
      for (let at = 0; at < bytes.length; at += length) {
        other.receive(bytes.subarray(at, at + length), this.now)
        moved += this.#drainEvents(side === 'a' ? 'b' : 'a')
      }
    }
    return moved
  }

  /** Bytes in events do not outlive the next chunk, so they are looked at first. */
  #drainEvents(side: Side): number {
    let moved = 0
    this[side].drain(
      {
        room: () => 0,
        send: () => {},
        emit: event => {
          moved++
          this.#see(side, event)
        },
      },
      this.now,
    )
    return moved
  }

  #see(side: Side, event: PeerEvent): void {
    if (event.type === 'handshake' && side === 'b' && this.#options.accepts !== false) {
      this.b.accept({ infoHash: event.infoHash, pieceCount: 10, extended: {}, ...this.#options.b })
    }
    if (event.type === 'block-start') this.#block = { piece: event.piece, begin: event.begin, bytes: [] }
    else if (event.type === 'block-data') this.#block?.bytes.push(...event.bytes)
    else if (event.type === 'block-end' && this.#block)
      this.#seen[side].push({ type: 'block', ...this.#block })
    else this.#seen[side].push(structuredCloneOf(event))
  }
}

/** Bitfields are objects of their own and need no copy; bytes do. */
function structuredCloneOf(event: PeerEvent): PeerEvent {
  if (event.type === 'bitfield') return event
  return structuredClone(event)
}
