import { createConnection, type Socket } from 'node:net'
import { Bitfield } from '../src/core/bitfield.ts'
import { latin1Bytes } from '../src/core/bytes.ts'
import { BLOCK_LENGTH } from '../src/metainfo/geometry.ts'
import { encodeHandshake, HANDSHAKE_LENGTH } from '../src/wire/handshake.ts'
import { MESSAGE_ID } from '../src/wire/messages.ts'
import { PIECE_HEADER_LENGTH, writePieceHeader } from '../src/wire/wire-encoder.ts'

/** What peers without a limit are told. */
export interface LimitJob {
  /** What the other side, which has the limit, does. */
  readonly way: 'up' | 'down'
  readonly host: string
  readonly port: number
  readonly peers: number
  /** Of the torrent, whose content is zeros: 20 bytes in hex. */
  readonly infoHash: string
  readonly pieceCount: number
  readonly pieceLength: number
}

/** Blocks that a leech asks for ahead. */
const AHEAD = 200
const REQUEST_LENGTH = 17

/**
 * The other side of a limit: a plain socket with just enough of the protocol. It sends zeros for whatever is asked, or asks
 * for block after block without end and keeps none of it, both as fast as the other side lets it.
 */
export class LimitPeer {
  readonly #index: number
  readonly #job: LimitJob
  #socket: Socket | null = null
  #isGreeted = false
  /** What has come and is no whole message yet. */
  #inbox: Buffer = Buffer.alloc(0)
  /** Blocks asked for so far, and those that came or were refused. */
  #asked = 0
  #answered = 0

  constructor(index: number, job: LimitJob) {
    this.#index = index
    this.#job = job
  }

  /** Bytes that went over the socket in the way that is limited. */
  get moved(): number {
    if (!this.#socket) return 0
    const { bytesRead, bytesWritten, writableLength } = this.#socket
    return this.#job.way === 'up' ? bytesRead : bytesWritten - writableLength
  }

  dial(): void {
    const { host, port } = this.#job
    this.#socket = createConnection({ host, port, noDelay: true })
    this.#socket.on('connect', () => this.#socket?.write(this.#greeting()))
    this.#socket.on('data', chunk => this.#received(chunk))
  }

  #greeting(): Buffer {
    const { way, infoHash, pieceCount } = this.#job
    const peerId = latin1Bytes(`-LM0001-${String(this.#index).padStart(12, '0')}`)
    const has = new Bitfield(pieceCount)
    if (way === 'down') has.setAll()
    return Buffer.concat([
      encodeHandshake({ reserved: new Uint8Array(8), infoHash: Buffer.from(infoHash, 'hex'), peerId }),
      message(MESSAGE_ID.BITFIELD, has.bytes()),
      message(way === 'down' ? MESSAGE_ID.UNCHOKE : MESSAGE_ID.INTERESTED),
    ])
  }

  #received(chunk: Buffer): void {
    let rest = this.#inbox.length === 0 ? chunk : Buffer.concat([this.#inbox, chunk])
    if (!this.#isGreeted && rest.length >= HANDSHAKE_LENGTH) {
      this.#isGreeted = true
      rest = rest.subarray(HANDSHAKE_LENGTH)
    }
    while (this.#isGreeted && rest.length >= 4) {
      const end = 4 + rest.readUInt32BE()
      if (rest.length < end) break
      this.#heed(rest.subarray(4, end))
      rest = rest.subarray(end)
    }
    this.#inbox = Buffer.from(rest)
  }

  #heed(incoming: Buffer): void {
    const type = incoming[0]
    if (type === MESSAGE_ID.REQUEST) this.#answer(incoming)
    else if (type === MESSAGE_ID.PIECE) this.#answered++
    else if (type === MESSAGE_ID.UNCHOKE)
      this.#answered = this.#asked // without BEP 6 a choke forgets all
    else return
    if (this.#job.way === 'up' && this.#asked - this.#answered <= AHEAD / 2) this.#ask()
  }

  #answer(request: Buffer): void {
    const length = request.readUInt32BE(9)
    const block = Buffer.alloc(PIECE_HEADER_LENGTH + length)
    writePieceHeader(block, 0, request.readUInt32BE(1), request.readUInt32BE(5), length)
    this.#socket?.write(block)
  }

  #ask(): void {
    const { pieceCount, pieceLength } = this.#job
    const blocks = pieceLength / BLOCK_LENGTH
    const requests = Buffer.alloc((AHEAD - this.#asked + this.#answered) * REQUEST_LENGTH)
    for (let at = 0; at < requests.length; at += REQUEST_LENGTH) {
      const block = this.#asked++
      requests.writeUInt32BE(REQUEST_LENGTH - 4, at)
      requests[at + 4] = MESSAGE_ID.REQUEST
      requests.writeUInt32BE((Math.floor(block / blocks) + 7 * this.#index) % pieceCount, at + 5)
      requests.writeUInt32BE((block % blocks) * BLOCK_LENGTH, at + 9)
      requests.writeUInt32BE(BLOCK_LENGTH, at + 13)
    }
    this.#socket?.write(requests)
  }
}

function message(id: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Uint8Array.of(id), ...parts])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}
