import { type Address, address } from '../../src/core/address.ts'
import { Bitfield } from '../../src/core/bitfield.ts'
import { concatBytes, latin1Bytes } from '../../src/core/bytes.ts'
import type { Dice, StreamSocket } from '../../src/core/ports.ts'
import { BLOCK_LENGTH, type Geometry } from '../../src/metainfo/geometry.ts'
import { encodeHandshake, HandshakeReader } from '../../src/wire/handshake.ts'
import type { Message } from '../../src/wire/messages.ts'
import { WireDecoder } from '../../src/wire/wire-decoder.ts'
import { say } from './fake-peer.ts'
import type { LineOptions } from './line.ts'
import type { SimHost } from './sim-network.ts'
import type { Stage } from './story.ts'

/**
 * How a cheat takes without giving. `taker`: says truly what it has, unchokes everybody, and never answers. `miser`:
 * says truly what it has, and unchokes nobody. `claimer`: says that it has half of all pieces, unchokes everybody, and
 * never answers.
 */
export type CheatKind = 'taker' | 'miser' | 'claimer'

export const CHEAT_KINDS: readonly CheatKind[] = ['taker', 'miser', 'claimer']

const PORT = 7100
/** Requests that are under way with one peer. */
const DEPTH = 64
/** So many it dials; others may come. */
const DIALS = 60

/** Everything one cheat has, and the connections over which it wants the rest. */
export class Cheat {
  readonly kind: CheatKind
  readonly host: SimHost
  /** Bytes of payload that it was given. */
  received = 0
  /** Virtual ms; null while something is missing. */
  completedAt: number | null = null
  readonly #stage: Stage
  readonly #dice: Dice
  readonly #geometry: Geometry
  readonly #infoHash: Uint8Array
  readonly #has: Bitfield
  /** Blocks that each piece lacks. */
  readonly #missing: Set<number>[]
  /** What somebody was asked for. */
  readonly asked = new Set<number>()
  readonly #peers = new Set<CheatedPeer>()

  constructor(
    stage: Stage,
    options: { kind: CheatKind; geometry: Geometry; infoHash: Uint8Array; line: LineOptions },
  ) {
    this.kind = options.kind
    this.host = stage.network.newHost(options.line)
    this.#stage = stage
    this.#dice = stage.newDice()
    this.#geometry = options.geometry
    this.#infoHash = options.infoHash
    this.#has = new Bitfield(options.geometry.pieceCount)
    this.#missing = Array.from(
      { length: options.geometry.pieceCount },
      (_, piece) => new Set(Array(options.geometry.blockCount(piece)).keys()),
    )
  }

  /** Listens, and connects to as many as an honest peer would. */
  async begin(others: readonly Address[]): Promise<void> {
    await this.host.listen(address(this.host.at, PORT), socket => this.#meet(socket))
    const left = [...others]
    const signal = new AbortController().signal
    for (let i = 0; i < DIALS && left.length > 0; i++) {
      const [to] = left.splice(this.#dice.below(left.length), 1)
      this.host.dial(to!, { signal }).then(
        socket => this.#meet(socket),
        () => undefined,
      )
    }
  }

  get address(): Address {
    return address(this.host.at, PORT)
  }

  leave(): void {
    this.host.closeListeners()
    for (const peer of this.#peers) peer.socket.destroy()
  }

  /** What it says of itself when it meets somebody. */
  greeting(): Uint8Array {
    const reserved = new Uint8Array(8)
    reserved[7] = 0x04
    const peerId = latin1Bytes(`-XX0001-${this.host.at.replaceAll('.', '-').padEnd(12, '-')}`.slice(0, 20))
    const said = this.kind === 'claimer' ? this.#claimed() : this.#has
    return concatBytes([
      encodeHandshake({ reserved, infoHash: this.#infoHash, peerId }),
      said.isEmpty ? say.haveNone : say.bitfield(said.bytes()),
      ...(this.kind === 'miser' ? [] : [say.unchoke]),
      say.interested,
    ])
  }

  /** A block that the peer has, and nobody was asked for yet where there is such a one. */
  pick(peer: CheatedPeer): { piece: number; block: number } | null {
    let second: { piece: number; block: number } | null = null
    const { pieceCount } = this.#geometry
    const first = this.#dice.below(pieceCount)
    for (let i = 0; i < pieceCount; i++) {
      const piece = (first + i) % pieceCount
      if (!peer.has.has(piece)) continue
      for (const block of this.#missing[piece]!) {
        if (peer.asked.has(keyOf(piece, block))) continue
        if (!this.asked.has(keyOf(piece, block))) return { piece, block }
        second ??= { piece, block }
      }
    }
    return peer.asked.size === 0 ? second : null
  }

  lengthOf(piece: number, block: number): number {
    return this.#geometry.blockLength(piece, block)
  }

  get pieceCount(): number {
    return this.#geometry.pieceCount
  }

  got(piece: number, block: number, length: number): void {
    this.received += length
    const missing = this.#missing[piece]!
    if (!missing.delete(block) || missing.size > 0) return
    this.#has.set(piece)
    if (this.kind !== 'claimer') for (const peer of this.#peers) peer.socket.write(say.have(piece))
    if (this.#has.isFull) this.completedAt = this.#stage.now
  }

  /** Pieces that it has, as a share of all. */
  get progress(): number {
    return this.#has.count / this.#has.length
  }

  #claimed(): Bitfield {
    const claimed = new Bitfield(this.#geometry.pieceCount)
    for (let i = 0; i < claimed.length; i++) if (this.#dice.below(2) === 0) claimed.set(i)
    return claimed
  }

  #meet(socket: StreamSocket): void {
    const peer = new CheatedPeer(this, socket)
    this.#peers.add(peer)
    peer.onClosed = () => this.#peers.delete(peer)
    peer.begin()
  }
}

/** One who is cheated. */
class CheatedPeer {
  readonly socket: StreamSocket
  has: Bitfield
  /** Blocks that it was asked for, by number. */
  readonly asked = new Set<number>()
  onClosed: () => void = () => undefined
  readonly #cheat: Cheat
  readonly #reader = new HandshakeReader()
  readonly #decoder = new WireDecoder()
  #isGreeted = false
  #isChoking = true
  #block = { piece: 0, block: 0, length: 0 }

  constructor(cheat: Cheat, socket: StreamSocket) {
    this.#cheat = cheat
    this.socket = socket
    this.has = new Bitfield(cheat.pieceCount)
  }

  begin(): void {
    this.socket.start({
      received: chunk => this.#received(chunk),
      drained: () => undefined,
      closed: () => {
        this.#forgetAll()
        this.onClosed()
      },
    })
    this.socket.write(this.#cheat.greeting())
  }

  #received(chunk: Uint8Array): void {
    let rest = chunk
    if (!this.#isGreeted) {
      rest = chunk.subarray(this.#reader.take(chunk))
      if (!this.#reader.handshake()) return
      this.#isGreeted = true
    }
    this.#decoder.push(rest)
    for (let next = this.#decoder.next(); next !== null; next = this.#decoder.next()) this.#heed(next)
    this.#ask()
  }

  #heed(said: Message): void {
    if (said.type === 'choked' || said.type === 'unchoked') {
      this.#isChoking = said.type === 'choked'
      if (this.#isChoking) this.#forgetAll()
    } else if (said.type === 'have') this.has.set(said.piece)
    else if (said.type === 'have-all') this.has.setAll()
    else if (said.type === 'bitfield-bytes')
      this.has = Bitfield.fromBytes(said.bytes.slice(), this.has.length) ?? this.has
    else if (said.type === 'rejected') this.#forget(keyOf(said.piece, said.begin / BLOCK_LENGTH))
    else if (said.type === 'block-start') {
      this.#block = { piece: said.piece, block: said.begin / BLOCK_LENGTH, length: said.length }
    } else if (said.type === 'block-end') {
      const { piece, block, length } = this.#block
      this.#forget(keyOf(piece, block))
      this.#cheat.got(piece, block, length)
    }
  }

  #ask(): void {
    if (this.#isChoking || this.asked.size > DEPTH / 2) return
    const requests: Uint8Array[] = []
    while (this.asked.size < DEPTH) {
      const next = this.#cheat.pick(this)
      if (!next) break
      const { piece, block } = next
      this.asked.add(keyOf(piece, block))
      this.#cheat.asked.add(keyOf(piece, block))
      requests.push(say.request(piece, block * BLOCK_LENGTH, this.#cheat.lengthOf(piece, block)))
    }
    if (requests.length > 0) this.socket.write(concatBytes(requests))
  }

  #forget(key: number): void {
    this.asked.delete(key)
    this.#cheat.asked.delete(key)
  }

  #forgetAll(): void {
    for (const key of this.asked) this.#cheat.asked.delete(key)
    this.asked.clear()
  }
}

function keyOf(piece: number, block: number): number {
  return piece * 65_536 + block
}
