import { readSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { latin1Bytes } from '../src/core/bytes.ts'
import { Bitfield } from '../src/core/bitfield.ts'
import { encodeHandshake, HANDSHAKE_LENGTH } from '../src/wire/handshake.ts'
import { MESSAGE_ID } from '../src/wire/messages.ts'
import type { TrickleJob } from './job.ts'

/**
 * The leech may not have the torrent yet, or be full: after this it is asked again, in ms, so many times at most. Real
 * programs leave somebody who refused them alone for longer; who dials all the time is another case than who trickles.
 */
const RETRY_AFTER = 5000
const TRIES = 4

/** Of what all of them send. */
export interface TrickleContent {
  readonly infoHash: Uint8Array
  readonly pieceCount: number
  readonly pieceLength: number
  /** The open file. */
  readonly file: number
}

/** A seed that unchokes whom it meets and then sends hardly anything: a plain socket with just enough of the protocol. */
export class TricklePeer {
  readonly #index: number
  readonly #job: TrickleJob
  readonly #content: TrickleContent
  #socket: Socket | null = null
  #tries = 0
  #isTaken = false
  /** What has come and is no whole message yet. */
  #inbox: Buffer = Buffer.alloc(0)
  /** Requests, as their messages have them after the id. Bounded by what the leech asks of a peer. */
  #asked: Buffer[] = []
  /** What is left of the message that is on its way. */
  #outgoing: Buffer = Buffer.alloc(0)
  #sent = 0

  constructor(index: number, job: TrickleJob, content: TrickleContent) {
    this.#index = index
    this.#job = job
    this.#content = content
  }

  /** The leech has answered the handshake, and the connection stands. */
  get isTaken(): boolean {
    return this.#isTaken
  }

  /** Bytes of blocks, with their heads. */
  get sent(): number {
    return this.#sent
  }

  dial(): void {
    this.#tries++
    const { host, port } = this.#job.leech
    const from = `127.0.1.${(this.#index % 250) + 1}` // strangers do not share a host
    const socket = createConnection({ host, port, localAddress: from, noDelay: true })
    this.#socket = socket
    socket.on('connect', () => socket.write(this.#greeting()))
    socket.on('data', chunk => this.#received(chunk))
    socket.on('error', () => {})
    socket.on('close', () => this.#closed())
  }

  /** Sends so many bytes of what was asked for, less where nothing was. */
  send(length: number): void {
    if (!this.#isTaken) return
    for (let left = length; left > 0; ) {
      if (this.#outgoing.length === 0) this.#outgoing = this.#nextBlock()
      const part = this.#outgoing.subarray(0, left)
      if (part.length === 0) return
      this.#socket?.write(part)
      this.#outgoing = this.#outgoing.subarray(part.length)
      this.#sent += part.length
      left -= part.length
    }
  }

  #greeting(): Buffer {
    const { infoHash, pieceCount } = this.#content
    const peerId = latin1Bytes(`-TK0001-${String(this.#index).padStart(12, '0')}`)
    const has = new Bitfield(pieceCount)
    has.setAll()
    return Buffer.concat([
      encodeHandshake({ reserved: new Uint8Array(8), infoHash, peerId }),
      message(MESSAGE_ID.BITFIELD, has.bytes()),
      message(MESSAGE_ID.UNCHOKE),
    ])
  }

  #received(chunk: Buffer): void {
    let rest = this.#inbox.length === 0 ? chunk : Buffer.concat([this.#inbox, chunk])
    if (!this.#isTaken && rest.length >= HANDSHAKE_LENGTH) {
      this.#isTaken = true
      rest = rest.subarray(HANDSHAKE_LENGTH)
    }
    while (this.#isTaken && rest.length >= 4) {
      const end = 4 + rest.readUInt32BE()
      if (rest.length < end) break
      this.#heed(rest.subarray(4, end))
      rest = rest.subarray(end)
    }
    this.#inbox = Buffer.from(rest)
  }

  #heed(incoming: Buffer): void {
    const stretch = Buffer.from(incoming.subarray(1))
    if (incoming[0] === MESSAGE_ID.REQUEST) this.#asked.push(stretch)
    else if (incoming[0] === MESSAGE_ID.CANCEL) {
      this.#asked = this.#asked.filter(asked => !asked.equals(stretch))
    }
  }

  /** Empty where nothing is asked for. */
  #nextBlock(): Buffer {
    const stretch = this.#asked.shift()
    if (!stretch) return Buffer.alloc(0)
    const [piece, begin, length] = [0, 4, 8].map(at => stretch.readUInt32BE(at)) as [number, number, number]
    const block = Buffer.alloc(length)
    readSync(this.#content.file, block, 0, length, piece * this.#content.pieceLength + begin)
    return message(MESSAGE_ID.PIECE, stretch.subarray(0, 8), block)
  }

  #closed(): void {
    const wasTaken = this.#isTaken
    this.#isTaken = false
    this.#inbox = Buffer.alloc(0)
    this.#outgoing = Buffer.alloc(0)
    this.#asked = []
    if (!wasTaken && this.#tries < TRIES) setTimeout(() => this.dial(), RETRY_AFTER)
  }
}

function message(id: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Uint8Array.of(id), ...parts])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}
