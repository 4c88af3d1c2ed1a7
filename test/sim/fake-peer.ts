import type { Address } from '../../src/core/address.ts'
import { concatBytes, latin1Bytes, NO_BYTES } from '../../src/core/bytes.ts'
import type { BitTorrentError } from '../../src/core/errors.ts'
import type { StreamSocket } from '../../src/core/ports.ts'
import { encodeHandshake, type Handshake, HandshakeReader } from '../../src/wire/handshake.ts'
import { type Message, MESSAGE_ID } from '../../src/wire/messages.ts'
import { WireDecoder } from '../../src/wire/wire-decoder.ts'
import { message, u32 } from '../unit/wire/wire-bytes.ts'
import type { SimHost } from './sim-network.ts'
import type { World } from './world.ts'

/** What shoal said, with the bytes of a PIECE joined. */
export type Heard =
  | Exclude<Message, { type: 'block-start' | 'block-data' | 'block-end' }>
  | { readonly type: 'piece'; readonly piece: number; readonly begin: number; readonly bytes: Uint8Array }

export interface Greeting {
  readonly infoHash: Uint8Array
  readonly peerId?: Uint8Array
  /** BEP 6 in the reserved bits. Default true. */
  readonly hasFast?: boolean
  /** BEP 10. Default true. */
  readonly hasExtended?: boolean
}

/** A peer that says what the story wants, byte by byte, and keeps what it hears. It never says anything on its own. */
export class FakePeer {
  readonly host: SimHost
  readonly socket: StreamSocket
  handshake: Handshake | null = null
  readonly heard: Heard[] = []
  isClosed = false
  error: BitTorrentError | null = null
  /** Called with everything that is heard, after it was kept. */
  onMessage: (message: Heard) => void = () => {}
  onHandshake: (handshake: Handshake) => void = () => {}
  readonly #reader = new HandshakeReader()
  readonly #decoder = new WireDecoder()
  #block: { piece: number; begin: number; parts: Uint8Array[] } | null = null

  constructor(host: SimHost, socket: StreamSocket) {
    this.host = host
    this.socket = socket
    socket.start({
      received: chunk => this.#received(chunk.slice()),
      drained: () => undefined,
      closed: error => {
        this.isClosed = true
        this.error = error
      },
    })
  }

  static async dial(world: World, host: SimHost, to: Address): Promise<FakePeer> {
    const socket = await world.settled(host.dial(to, { signal: new AbortController().signal }))
    return new FakePeer(host, socket)
  }

  /** Everyone who connects is handed to `met`. */
  static async listen(host: SimHost, at: Address, met: (peer: FakePeer) => void): Promise<void> {
    await host.listen(at, socket => met(new FakePeer(host, socket)))
  }

  count(type: Heard['type']): number {
    return this.heard.filter(said => said.type === type).length
  }

  of<T extends Heard['type']>(type: T): Extract<Heard, { type: T }>[] {
    return this.heard.filter(said => said.type === type) as Extract<Heard, { type: T }>[]
  }

  say(...bytes: Uint8Array[]): void {
    this.socket.write(concatBytes(bytes))
  }

  greet(greeting: Greeting): void {
    const { infoHash, peerId, hasFast = true, hasExtended = true } = greeting
    const reserved = new Uint8Array(8)
    if (hasExtended) reserved[5] = 0x10
    if (hasFast) reserved[7] = 0x04
    this.say(encodeHandshake({ reserved, infoHash, peerId: peerId ?? peerIdOf(this.host.at) }))
  }

  leave(): void {
    this.socket.destroy()
  }

  #received(chunk: Uint8Array): void {
    let rest = chunk
    if (!this.handshake) {
      rest = chunk.subarray(this.#reader.take(chunk))
      this.handshake = this.#reader.handshake()
      if (!this.handshake) return
      this.onHandshake(this.handshake)
    }
    this.#decoder.push(rest)
    for (let next = this.#decoder.next(); next !== null; next = this.#decoder.next()) this.#take(next)
  }

  #take(next: Message): void {
    if (next.type === 'block-start') this.#block = { piece: next.piece, begin: next.begin, parts: [] }
    else if (next.type === 'block-data') this.#block?.parts.push(next.bytes.slice())
    else if (next.type === 'block-end') {
      const { piece, begin, parts } = this.#block!
      this.#hear({ type: 'piece', piece, begin, bytes: concatBytes(parts) })
    } else this.#hear(structuredClone(next))
  }

  #hear(heard: Heard): void {
    this.heard.push(heard)
    this.onMessage(heard)
  }
}

/** An id that is like no other host's. */
function peerIdOf(host: string): Uint8Array {
  return latin1Bytes(`-XX0001-${host.replaceAll('.', '-').padEnd(12, '-')}`.slice(0, 20))
}

/** The messages that stories send, as bytes. */
export const say = {
  choke: message(MESSAGE_ID.CHOKE),
  unchoke: message(MESSAGE_ID.UNCHOKE),
  interested: message(MESSAGE_ID.INTERESTED),
  notInterested: message(MESSAGE_ID.NOT_INTERESTED),
  haveAll: message(MESSAGE_ID.HAVE_ALL),
  haveNone: message(MESSAGE_ID.HAVE_NONE),
  have: (piece: number) => message(MESSAGE_ID.HAVE, u32(piece)),
  bitfield: (bits: Uint8Array) => message(MESSAGE_ID.BITFIELD, bits),
  request: (piece: number, begin: number, length: number) =>
    message(MESSAGE_ID.REQUEST, u32(piece, begin, length)),
  reject: (piece: number, begin: number, length: number) =>
    message(MESSAGE_ID.REJECT, u32(piece, begin, length)),
  allowedFast: (piece: number) => message(MESSAGE_ID.ALLOWED_FAST, u32(piece)),
  suggest: (piece: number) => message(MESSAGE_ID.SUGGEST, u32(piece)),
  piece: (piece: number, begin: number, bytes: Uint8Array) =>
    message(MESSAGE_ID.PIECE, u32(piece, begin), bytes),
  extended: (id: number, payload: Uint8Array, body: Uint8Array = NO_BYTES) =>
    message(MESSAGE_ID.EXTENDED, Uint8Array.of(id), payload, body),
}
