import { NO_BYTES, readU16, readU32 } from '../core/bytes.ts'
import { Carry } from './carry.ts'
import { HASH_REQUEST_LENGTH, readHashRequest } from './hash-request.ts'
import { checkMessageSize } from './message-size.ts'
import { type Message, MESSAGE_ID } from './messages.ts'

const PREFIX = 4
/** The prefix and the id. */
const HEAD = 5
/** The prefix, the id, piece and begin. */
const PIECE_HEAD = 13

const KEEP_ALIVE: Message = { type: 'keep-alive' }
const CHOKED: Message = { type: 'choked' }
const UNCHOKED: Message = { type: 'unchoked' }
const INTERESTED: Message = { type: 'interested' }
const NOT_INTERESTED: Message = { type: 'not-interested' }
const HAVE_ALL: Message = { type: 'have-all' }
const HAVE_NONE: Message = { type: 'have-none' }
const BLOCK_END: Message = { type: 'block-end' }

/**
 * Everything after the handshake, cut into messages: `push` a chunk, then `next` until it is null. Reads in the
 * chunk itself; only the start of a split message is carried over, and the payload of a PIECE never is.
 *
 * `next` throws a `ProtocolError` with a code for each kind of message that has a wrong size, on the first bytes of
 * that message. Sizes are all it judges: order and meaning are for others.
 */
export class WireDecoder {
  /** The payload that a BITFIELD must have, in bytes; -1 while the number of pieces is not known. */
  bitfieldLength = -1
  #chunk: Uint8Array = NO_BYTES
  #at = 0
  readonly #carry = new Carry()
  /** Bytes of the open PIECE that are still to come; -1 when none is open. */
  #blockLeft = -1
  /** Bytes of an unknown message that are still to be passed over. */
  #skipLeft = 0

  /** Ends the life of all views handed out before. The chunk before this one must have been read to its end. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk
    this.#at = 0
  }

  next(): Message | null {
    if (this.#blockLeft >= 0) return this.#nextOfBlock()
    if (this.#skipLeft > 0 && !this.#skip()) return null
    return this.#carry.length > 0 ? this.#nextFromCarry() : this.#nextFromChunk()
  }

  #nextOfBlock(): Message | null {
    if (this.#blockLeft === 0) {
      this.#blockLeft = -1
      return BLOCK_END
    }
    const from = this.#at
    const length = Math.min(this.#blockLeft, this.#chunk.length - from)
    if (length === 0) return null
    this.#at = from + length
    this.#blockLeft -= length
    return { type: 'block-data', bytes: this.#chunk.subarray(from, from + length) }
  }

  /** False where the chunk ends before the unknown message does. */
  #skip(): boolean {
    const length = Math.min(this.#skipLeft, this.#chunk.length - this.#at)
    this.#at += length
    this.#skipLeft -= length
    return this.#skipLeft === 0
  }

  #nextFromChunk(): Message | null {
    const available = this.#chunk.length - this.#at
    const needed = this.#needed(this.#chunk, this.#at, available)
    if (available < needed) {
      this.#carry.append(this.#chunk, this.#at, this.#chunk.length)
      this.#at = this.#chunk.length
      return null
    }
    const from = this.#at
    this.#at = from + needed
    return this.#read(this.#chunk, from)
  }

  #nextFromCarry(): Message | null {
    for (;;) {
      const needed = this.#needed(this.#carry.bytes, 0, this.#carry.length)
      if (this.#carry.length === needed) return this.#readCarry()
      const to = Math.min(this.#chunk.length, this.#at + needed - this.#carry.length)
      if (to === this.#at) return null
      this.#carry.append(this.#chunk, this.#at, to)
      this.#at = to
    }
  }

  #readCarry(): Message {
    const message = this.#read(this.#carry.bytes, 0)
    if (this.#carry.length > PIECE_HEAD + 4) this.#carry.release()
    else if ('bytes' in message || 'payload' in message) this.#carry.release()
    else this.#carry.clear()
    return message
  }

  /** How many bytes from `at` on must be there in one stretch, as far as `available` of them tell. */
  #needed(bytes: Uint8Array, at: number, available: number): number {
    if (available < PREFIX) return PREFIX
    const length = readU32(bytes, at)
    if (length === 0) return PREFIX
    if (available < HEAD) return HEAD
    const id = bytes[at + PREFIX]!
    checkMessageSize(id, length, this.bitfieldLength)
    if (id === MESSAGE_ID.PIECE) return PIECE_HEAD
    return isKnown(id) ? PREFIX + length : HEAD
  }

  /** The message whose needed bytes begin at `at`. */
  #read(bytes: Uint8Array, at: number): Message {
    const length = readU32(bytes, at)
    if (length === 0) return KEEP_ALIVE
    const end = at + PREFIX + length
    const payload = at + HEAD
    const id = bytes[at + PREFIX]!
    switch (id) {
      case MESSAGE_ID.PIECE:
        this.#blockLeft = length - 9
        return {
          type: 'block-start',
          piece: readU32(bytes, payload),
          begin: readU32(bytes, payload + 4),
          length: length - 9,
        }
      case MESSAGE_ID.REQUEST:
        return stretch('request', bytes, payload)
      case MESSAGE_ID.HAVE:
        return { type: 'have', piece: readU32(bytes, payload) }
      case MESSAGE_ID.CANCEL:
        return stretch('cancel', bytes, payload)
      case MESSAGE_ID.REJECT:
        return stretch('rejected', bytes, payload)
      case MESSAGE_ID.CHOKE:
        return CHOKED
      case MESSAGE_ID.UNCHOKE:
        return UNCHOKED
      case MESSAGE_ID.INTERESTED:
        return INTERESTED
      case MESSAGE_ID.NOT_INTERESTED:
        return NOT_INTERESTED
      case MESSAGE_ID.BITFIELD:
        return { type: 'bitfield-bytes', bytes: bytes.subarray(payload, end) }
      case MESSAGE_ID.HAVE_ALL:
        return HAVE_ALL
      case MESSAGE_ID.HAVE_NONE:
        return HAVE_NONE
      case MESSAGE_ID.SUGGEST:
        return { type: 'suggested', piece: readU32(bytes, payload) }
      case MESSAGE_ID.ALLOWED_FAST:
        return { type: 'allowed-fast', piece: readU32(bytes, payload) }
      case MESSAGE_ID.PORT:
        return { type: 'port', port: readU16(bytes, payload) }
      case MESSAGE_ID.EXTENDED:
        return { type: 'extended-message', id: bytes[payload]!, payload: bytes.subarray(payload + 1, end) }
      case MESSAGE_ID.HASH_REQUEST:
        return { type: 'hash-request', request: readHashRequest(bytes, payload) }
      case MESSAGE_ID.HASH_REJECT:
        return { type: 'hash-rejected', request: readHashRequest(bytes, payload) }
      case MESSAGE_ID.HASHES:
        return {
          type: 'hashes',
          request: readHashRequest(bytes, payload),
          hashes: bytes.subarray(payload + HASH_REQUEST_LENGTH, end),
        }
      default:
        this.#skipLeft = length - 1
        return { type: 'unknown', id, length: length - 1 }
    }
  }
}

function stretch(type: 'request' | 'cancel' | 'rejected', bytes: Uint8Array, at: number): Message {
  return { type, piece: readU32(bytes, at), begin: readU32(bytes, at + 4), length: readU32(bytes, at + 8) }
}

const KNOWN = new Set<number>(Object.values(MESSAGE_ID))

function isKnown(id: number): boolean {
  return KNOWN.has(id)
}
