import { readU32 } from '../core/bytes.ts'
import { Bitfield } from '../core/bitfield.ts'
import { ProtocolError } from '../core/errors.ts'
import { EarlyHaves, haveRangeError, readBitfield } from './early-haves.ts'
import {
  decodeExtendedHandshake,
  EXTENDED_HANDSHAKE_ID,
  type ExtendedHandshake,
  LT_DONTHAVE,
  NOTHING_SAID,
  UPLOAD_ONLY,
  UT_METADATA,
} from './extension.ts'
import { type HashRequest, hashesLength } from './hash-request.ts'
import { WIRE_LIMITS } from './limits.ts'
import { hashesSizeError } from './message-size.ts'
import type { Message } from './messages.ts'
import type { PeerEvent } from './peer-event.ts'
import { decodeMetadataMessage } from './ut-metadata.ts'
import { WireDecoder } from './wire-decoder.ts'

/** What was said on our side, as far as it decides what the peer may say. */
export interface OurSide {
  isChoking(): boolean
  /** We told the peer that it may ask for this piece while choked. */
  allowsFast(piece: number): boolean
  /** True where we asked for these hashes and have had no answer; the question is then answered. */
  settleHashRequest(request: HashRequest): boolean
}

const MINUTE = 60_000

/**
 * The peer's side of an open connection: decodes, checks against what was negotiated and said before, and turns
 * messages into events. Knows nothing of sending.
 */
export class IncomingMessages {
  /** The peer chokes us. */
  isChoking = true
  /** The peer wants something of ours. */
  isInterested = false
  extended: ExtendedHandshake = NOTHING_SAID
  readonly #decoder = new WireDecoder()
  readonly #ours: OurSide
  readonly #events: PeerEvent[]
  readonly #hasFast: boolean
  readonly #hasExtended: boolean
  readonly #isV2: boolean
  /** Names of our extensions; the id of a name is its place, counted from 1. */
  readonly #extensionNames: readonly string[]
  /** -1 while it is not known. */
  #pieceCount = -1
  #early: EarlyHaves | null = new EarlyHaves()
  /** BITFIELD, HAVE ALL and HAVE NONE that came. */
  #statements = 0
  #haves = 0
  #dontHaves = 0
  #requestsWhileChoked = 0
  #chatter = 0
  #chatterUntil = 0

  constructor(options: {
    ours: OurSide
    /** Where events are put. */
    events: PeerEvent[]
    hasFast: boolean
    hasExtended: boolean
    isV2: boolean
    extensionNames: readonly string[]
  }) {
    this.#ours = options.ours
    this.#events = options.events
    this.#hasFast = options.hasFast
    this.#hasExtended = options.hasExtended
    this.#isV2 = options.isV2
    this.#extensionNames = options.extensionNames
  }

  /** Throws a `ProtocolError` at the first breach; what came before it is in the events. */
  receive(chunk: Uint8Array, now: number): void {
    const decoder = this.#decoder
    decoder.push(chunk)
    for (let message = decoder.next(); message !== null; message = decoder.next()) this.#take(message, now)
  }

  /** The metadata is known: what the peer said it has is checked and passed on. Throws as `receive`. */
  setPieceCount(pieceCount: number): void {
    if (this.#early === null) return
    this.#pieceCount = pieceCount
    this.#decoder.bitfieldLength = Math.ceil(pieceCount / 8)
    const held = this.#early
    this.#early = null
    for (const event of held.release(pieceCount)) this.#events.push(event)
  }

  #take(message: Message, now: number): void {
    switch (message.type) {
      case 'block-start':
        this.#checkBlock(message.piece)
        this.#events.push(message)
        return
      case 'block-data':
      case 'block-end':
        this.#events.push(message)
        return
      case 'request':
        return this.#request(message)
      case 'have':
        return this.#have(message)
      case 'cancel':
        return this.#cancel(message)
      case 'rejected':
        return this.#rejected(message)
      case 'choked':
      case 'unchoked':
        this.#countChatter(now)
        return this.#choking(message)
      case 'interested':
      case 'not-interested':
        this.#countChatter(now)
        return this.#interest(message)
      case 'bitfield-bytes':
        return this.#statement(message.bytes)
      case 'have-all':
        this.#demandFast('HAVE ALL')
        return this.#statement('all')
      case 'have-none':
        this.#demandFast('HAVE NONE')
        return this.#statement('none')
      case 'suggested':
      case 'allowed-fast':
        this.#countChatter(now)
        return this.#hint(message)
      case 'extended-message':
        return this.#extendedMessage(message.id, message.payload, now)
      case 'hash-request':
      case 'hashes':
      case 'hash-rejected':
        return this.#aboutHashes(message)
      case 'port':
        this.#countChatter(now)
        if (message.port !== 0) this.#events.push(message)
        return
      case 'keep-alive':
      case 'unknown':
        this.#countChatter(now)
    }
  }

  #checkBlock(piece: number): void {
    if (this.#pieceCount < 0) {
      throw new ProtocolError('piece-before-metadata', 'a block came before any could be asked for')
    }
    if (piece >= this.#pieceCount) {
      throw new ProtocolError('piece-out-of-range', `a block of piece ${piece} of ${this.#pieceCount} came`)
    }
  }

  /** Without the fast extension a request that comes while we choke means nothing and needs no answer. */
  #request(message: Extract<Message, { type: 'request' }>): void {
    const { piece, length } = message
    if (this.#pieceCount >= 0 && piece >= this.#pieceCount) {
      throw new ProtocolError('request-out-of-range', `piece ${piece} of ${this.#pieceCount} was asked for`)
    }
    if (length === 0 || length > WIRE_LIMITS.requestLength) {
      throw new ProtocolError('request-length', `a block of ${length} bytes was asked for`)
    }
    if (!this.#ours.isChoking()) this.#requestsWhileChoked = 0
    else if (!this.#ours.allowsFast(piece)) {
      if (++this.#requestsWhileChoked > WIRE_LIMITS.requestsWhileChoked) {
        throw new ProtocolError(
          'too-many-requests-while-choked',
          'the peer goes on asking while it is choked',
        )
      }
      if (!this.#hasFast) return
    }
    this.#events.push(message)
  }

  /** What was never a request cannot be taken back. */
  #cancel(message: Extract<Message, { type: 'cancel' }>): void {
    if (message.piece < this.#mostPieces()) this.#events.push(message)
  }

  #rejected(message: Extract<Message, { type: 'rejected' }>): void {
    this.#demandFast('REJECT')
    if (message.piece >= Math.max(0, this.#pieceCount)) {
      throw new ProtocolError('reject-out-of-range', `a request for piece ${message.piece} was never made`)
    }
    this.#events.push(message)
  }

  #have(message: Extract<Message, { type: 'have' }>): void {
    this.#haves++
    if (this.#haves > this.#mostPieces() + this.#dontHaves + WIRE_LIMITS.spareHaves) throw haveFloodError()
    if (this.#early) this.#early.have(message.piece)
    else this.#events.push(this.#inRange(message))
  }

  #dontHave(payload: Uint8Array): void {
    if (payload.length !== 4) {
      throw new ProtocolError('dont-have-size', `DONTHAVE has ${payload.length} bytes where 4 are right`)
    }
    const piece = readU32(payload, 0)
    this.#dontHaves++
    if (this.#dontHaves > this.#mostPieces() + this.#haves + WIRE_LIMITS.spareHaves) throw haveFloodError()
    if (this.#early) this.#early.dontHave(piece)
    else this.#events.push(this.#inRange({ type: 'dont-have', piece }))
  }

  #inRange(message: Extract<PeerEvent, { type: 'have' | 'dont-have' }>): PeerEvent {
    if (message.piece >= this.#pieceCount) throw haveRangeError(message.piece, this.#pieceCount)
    return message
  }

  #mostPieces(): number {
    return this.#pieceCount >= 0 ? this.#pieceCount : WIRE_LIMITS.unknownPieceCount
  }

  /** Said again is said once: only a change is an event. */
  #choking(message: Extract<Message, { type: 'choked' | 'unchoked' }>): void {
    const isChoking = message.type === 'choked'
    if (this.isChoking === isChoking) return
    this.isChoking = isChoking
    this.#events.push(message)
  }

  #interest(message: Extract<Message, { type: 'interested' | 'not-interested' }>): void {
    const isInterested = message.type === 'interested'
    if (this.isInterested === isInterested) return
    this.isInterested = isInterested
    this.#events.push(message)
  }

  /**
   * All that the peer has. BEP 3 wants it once and first; aria2 says it again in place of many HAVEs whenever that is
   * shorter, and one that starts from a magnet link says it when the metadata is there. The last word counts.
   */
  #statement(what: Uint8Array | 'all' | 'none'): void {
    if (++this.#statements > WIRE_LIMITS.statements) {
      throw new ProtocolError('bitfield-flood', 'the peer says far too often all that it has')
    }
    if (this.#early) this.#early.statement(what)
    else this.#events.push({ type: 'bitfield', bits: this.#statedBits(what) })
  }

  #statedBits(what: Uint8Array | 'all' | 'none'): Bitfield {
    if (what === 'all') return Bitfield.full(this.#pieceCount)
    if (what === 'none') return new Bitfield(this.#pieceCount)
    return readBitfield(what, this.#pieceCount)
  }

  /** Advice about pieces that do not exist is passed over. */
  #hint(message: Extract<Message, { type: 'suggested' | 'allowed-fast' }>): void {
    this.#demandFast(message.type === 'suggested' ? 'SUGGEST' : 'ALLOWED FAST')
    if (message.piece < this.#pieceCount) this.#events.push(message)
    else if (this.#early && message.type === 'allowed-fast') this.#early.allowedFast(message.piece)
  }

  #aboutHashes(message: Extract<Message, { type: 'hash-request' | 'hashes' | 'hash-rejected' }>): void {
    if (!this.#isV2) {
      throw new ProtocolError('hash-message-without-v2', 'a message about hashes came on a v1 connection')
    }
    if (message.type === 'hash-request') {
      this.#events.push(message)
      return
    }
    if (message.type === 'hashes' && message.hashes.length !== hashesLength(message.request)) {
      throw hashesSizeError(message.hashes.length)
    }
    if (this.#ours.settleHashRequest(message.request)) this.#events.push(message)
    else if (message.type === 'hashes') {
      throw new ProtocolError('hashes-unasked', 'hashes came that were not asked for')
    }
  }

  #extendedMessage(id: number, payload: Uint8Array, now: number): void {
    if (!this.#hasExtended) {
      throw new ProtocolError(
        'extended-without-extension',
        'an extended message came, but BEP 10 was not agreed on',
      )
    }
    if (id === EXTENDED_HANDSHAKE_ID) {
      this.#countChatter(now)
      this.extended = decodeExtendedHandshake(payload, this.extended)
      this.#events.push({ type: 'extended-handshake', ...this.extended })
      return
    }
    const name = this.#extensionNames[id - 1]
    switch (name) {
      case undefined:
        return this.#countChatter(now)
      case UT_METADATA: {
        const message = decodeMetadataMessage(payload)
        if (message) this.#events.push(message)
        return
      }
      case LT_DONTHAVE:
        return this.#dontHave(payload)
      case UPLOAD_ONLY:
        this.#countChatter(now)
        if (payload.length === 1) this.#events.push({ type: 'upload-only', isUploadOnly: payload[0] !== 0 })
        return
      default:
        this.#events.push({ type: 'extended', name, payload })
    }
  }

  #demandFast(name: string): void {
    if (!this.#hasFast) {
      throw new ProtocolError(
        'fast-message-without-fast',
        `${name} came, but the fast extension was not agreed on`,
      )
    }
  }

  /** Messages that cost the peer nothing and move nothing have a budget a minute. */
  #countChatter(now: number): void {
    if (now >= this.#chatterUntil) {
      this.#chatterUntil = now + MINUTE
      this.#chatter = 0
    }
    if (++this.#chatter > WIRE_LIMITS.chatterPerMinute) {
      throw new ProtocolError('chatter-flood', 'the peer sends more empty messages than any use explains')
    }
  }
}

function haveFloodError(): ProtocolError {
  return new ProtocolError(
    'have-flood',
    'the peer says far more often that it has pieces than there are pieces',
  )
}
