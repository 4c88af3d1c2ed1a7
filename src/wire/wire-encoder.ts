import { NO_BYTES, writeU16, writeU32 } from '../core/bytes.ts'
import { HASH_REQUEST_LENGTH, type HashRequest, writeHashRequest } from './hash-request.ts'
import { MESSAGE_ID } from './messages.ts'

/** Bytes before the payload of a PIECE: length prefix, id, piece, begin. */
export const PIECE_HEADER_LENGTH = 13

/** Most batches are a few messages; a full pipeline of requests makes it grow. */
const FIRST_BATCH_LENGTH = 256

/** One stretch of bytes to send, in order. */
export interface PeerOutput {
  readonly bytes: Uint8Array
  /** Called once, by whoever has the output: when the system has the bytes, or they will never be sent. */
  readonly taken?: () => void
}

interface Waiting extends PeerOutput {
  readonly isBatch: boolean
}

/** Writes the head of a PIECE message; `length` bytes of payload are to follow it. */
export function writePieceHeader(
  target: Uint8Array,
  at: number,
  piece: number,
  begin: number,
  length: number,
): void {
  writeU32(target, at, length + 9)
  target[at + 4] = MESSAGE_ID.PIECE
  writeU32(target, at + 5, piece)
  writeU32(target, at + 9, begin)
}

/**
 * Encodes messages into one growing batch, which goes out as one output a drain; runs of blocks take their place
 * in the order without being copied.
 */
export class WireEncoder {
  /** Never reused: a batch that was handed out belongs to the socket. */
  #batch: Uint8Array = NO_BYTES
  #length = 0
  /** Bounded by the owner for runs, which asks for room first, and by `unreadBytes` for messages. */
  readonly #waiting: Waiting[] = []
  #head = 0
  #queuedBytes = 0

  /** Bytes of messages (not of runs) that wait to be taken. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  get isEmpty(): boolean {
    return this.#length === 0 && this.#head === this.#waiting.length
  }

  handshake(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length)
    this.#batch.set(bytes, at)
  }

  keepAlive(): void {
    const at = this.#grow(4)
    writeU32(this.#batch, at, 0)
  }

  /** A message without payload. */
  flag(id: number): void {
    this.#message(id, 0)
  }

  /** HAVE, SUGGEST or ALLOWED FAST. */
  piece(id: number, piece: number): void {
    const at = this.#message(id, 4)
    writeU32(this.#batch, at, piece)
  }

  /** REQUEST, CANCEL or REJECT. */
  stretch(id: number, piece: number, begin: number, length: number): void {
    const at = this.#message(id, 12)
    writeU32(this.#batch, at, piece)
    writeU32(this.#batch, at + 4, begin)
    writeU32(this.#batch, at + 8, length)
  }

  bitfield(bytes: Uint8Array): void {
    const at = this.#message(MESSAGE_ID.BITFIELD, bytes.length)
    this.#batch.set(bytes, at)
  }

  port(port: number): void {
    const at = this.#message(MESSAGE_ID.PORT, 2)
    writeU16(this.#batch, at, port)
  }

  extended(id: number, head: Uint8Array, body?: Uint8Array): void {
    const at = this.#message(MESSAGE_ID.EXTENDED, 1 + head.length + (body?.length ?? 0))
    this.#batch[at] = id
    this.#batch.set(head, at + 1)
    if (body) this.#batch.set(body, at + 1 + head.length)
  }

  /** HASH REQUEST, HASHES (with `hashes`) or HASH REJECT. */
  hashes(id: number, request: HashRequest, hashes?: Uint8Array): void {
    const at = this.#message(id, HASH_REQUEST_LENGTH + (hashes?.length ?? 0))
    writeHashRequest(this.#batch, at, request)
    if (hashes) this.#batch.set(hashes, at + HASH_REQUEST_LENGTH)
  }

  /** Bytes that are complete messages already, such as a run of blocks. They are not copied. */
  run(bytes: Uint8Array, taken?: () => void): void {
    this.#closeBatch()
    this.#waiting.push(taken ? { isBatch: false, bytes, taken } : { isBatch: false, bytes })
  }

  /** The next output, or null where nothing waits. */
  take(): PeerOutput | null {
    if (this.#head === this.#waiting.length) {
      if (this.#length === 0) return null
      this.#closeBatch()
    }
    const output = this.#waiting[this.#head++]!
    if (this.#head === this.#waiting.length) {
      this.#waiting.length = 0
      this.#head = 0
    }
    if (output.isBatch) this.#queuedBytes -= output.bytes.length
    return output
  }

  /** Forgets all that waits; the owners of runs have them back. */
  drop(): void {
    for (let output = this.take(); output !== null; output = this.take()) output.taken?.()
  }

  #closeBatch(): void {
    if (this.#length === 0) return
    this.#waiting.push({ isBatch: true, bytes: this.#batch.subarray(0, this.#length) })
    this.#batch = NO_BYTES
    this.#length = 0
  }

  /** Writes prefix and id, and returns where the payload goes. */
  #message(id: number, payload: number): number {
    const at = this.#grow(5 + payload)
    writeU32(this.#batch, at, 1 + payload)
    this.#batch[at + 4] = id
    return at + 5
  }

  #grow(length: number): number {
    const at = this.#length
    const needed = at + length
    if (needed > this.#batch.length) {
      const grown = new Uint8Array(Math.max(FIRST_BATCH_LENGTH, 4 * this.#batch.length, needed))
      grown.set(this.#batch.subarray(0, at))
      this.#batch = grown
    }
    this.#length = needed
    this.#queuedBytes += length
    return at
  }
}
