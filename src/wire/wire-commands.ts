import type { Bitfield } from '../core/bitfield.ts'
import {
  encodeExtendedHandshake,
  EXTENDED_HANDSHAKE_ID,
  type ExtendedHandshake,
  type ExtendedOffer,
  LT_DONTHAVE,
  UPLOAD_ONLY,
  UT_METADATA,
} from './extension.ts'
import { type HashRequest, isSameHashRequest } from './hash-request.ts'
import type { OurSide } from './incoming-messages.ts'
import { MESSAGE_ID } from './messages.ts'
import { encodeMetadataHead, encodeMetadataReject, encodeMetadataRequest } from './ut-metadata.ts'
import { WireEncoder } from './wire-encoder.ts'

/**
 * Our side of a connection: what we say, and what we have said. Knows nothing of time and of what comes in.
 *
 * Commands only queue, and never throw. They do nothing before the connection is open, after its end, where they
 * would repeat what is already so, and where the peer does not speak the extension that they need.
 */
export abstract class WireCommands {
  /** We choke the peer. */
  amChoking = true
  /** We want something of the peer's. */
  amInterested = false
  /** BEP 6 is spoken on both sides. */
  hasFast = false
  /** BEP 10 is spoken on both sides. */
  hasExtended = false
  /** BEP 52: the connection runs under a v2 key, and messages about hashes may be sent. */
  supportsV2 = false
  /** BEP 5: the peer has a DHT node. */
  hasDht = false
  /** PIECE messages handed to `sendRun`. */
  blocksSent = 0
  protected readonly encoder = new WireEncoder()
  /** What our extension handshake says; undefined where BEP 10 is not spoken. */
  protected offer: ExtendedOffer | undefined
  #hasSentBitfield = false
  /** Pieces that we allow while choking. Bounded by our own `allowedFast`. */
  readonly #allowedFast = new Set<number>()
  /** Asked and not answered. Bounded by our own `hashRequest`. */
  readonly #hashRequests: HashRequest[] = []
  /** For those who judge what the peer says. */
  protected readonly ourSide: OurSide = {
    isChoking: () => this.amChoking,
    allowsFast: piece => this.#allowedFast.has(piece),
    settleHashRequest: request => this.#settleHashRequest(request),
  }

  /** The handshakes are done, and neither a breach nor `close` has ended the connection. */
  abstract get isOpen(): boolean

  /** What the peer's extension handshakes said so far. */
  abstract get remoteExtended(): ExtendedHandshake

  /** Bytes of messages, without runs, that wait to be sent. */
  get queuedBytes(): number {
    return this.encoder.queuedBytes
  }

  /** Whether the peer takes messages of this extension (BEP 10). */
  speaks(name: string): boolean {
    return this.remoteExtended.ids.has(name)
  }

  choke(): void {
    if (!this.isOpen || this.amChoking) return
    this.amChoking = true
    this.encoder.flag(MESSAGE_ID.CHOKE)
  }

  unchoke(): void {
    if (!this.isOpen || !this.amChoking) return
    this.amChoking = false
    this.encoder.flag(MESSAGE_ID.UNCHOKE)
  }

  interested(): void {
    if (!this.isOpen || this.amInterested) return
    this.amInterested = true
    this.encoder.flag(MESSAGE_ID.INTERESTED)
  }

  notInterested(): void {
    if (!this.isOpen || !this.amInterested) return
    this.amInterested = false
    this.encoder.flag(MESSAGE_ID.NOT_INTERESTED)
  }

  /** Says what we have, as HAVE ALL, HAVE NONE or BITFIELD. Once, before any other message about pieces. */
  bitfield(bits: Bitfield): void {
    if (!this.isOpen || this.#hasSentBitfield) return
    this.#hasSentBitfield = true
    if (bits.isEmpty) {
      if (this.hasFast) this.encoder.flag(MESSAGE_ID.HAVE_NONE)
    } else if (bits.isFull && this.hasFast) this.encoder.flag(MESSAGE_ID.HAVE_ALL)
    else this.encoder.bitfield(bits.bytes())
  }

  /** Nothing before `bitfield`, which is to have the piece in it. */
  have(piece: number): void {
    if (this.isOpen && this.#hasSentBitfield) this.encoder.piece(MESSAGE_ID.HAVE, piece)
  }

  request(piece: number, begin: number, length: number): void {
    if (this.isOpen) this.encoder.stretch(MESSAGE_ID.REQUEST, piece, begin, length)
  }

  cancel(piece: number, begin: number, length: number): void {
    if (this.isOpen) this.encoder.stretch(MESSAGE_ID.CANCEL, piece, begin, length)
  }

  /** BEP 6. */
  reject(piece: number, begin: number, length: number): void {
    if (this.isOpen && this.hasFast) this.encoder.stretch(MESSAGE_ID.REJECT, piece, begin, length)
  }

  /**
   * Sends whole PIECE messages (heads by `writePieceHeader`) after what is queued. `bytes` must not change until
   * `taken` is called; it goes into an output as it is. `blocks` is how many there are.
   */
  sendRun(bytes: Uint8Array, blocks: number, taken?: () => void): void {
    if (!this.isOpen) {
      taken?.()
      return
    }
    this.blocksSent += blocks
    this.encoder.run(bytes, taken)
  }

  /** BEP 6. */
  suggest(piece: number): void {
    if (this.isOpen && this.hasFast) this.encoder.piece(MESSAGE_ID.SUGGEST, piece)
  }

  /** BEP 6. */
  allowedFast(piece: number): void {
    if (!this.isOpen || !this.hasFast || this.#allowedFast.has(piece)) return
    this.#allowedFast.add(piece)
    this.encoder.piece(MESSAGE_ID.ALLOWED_FAST, piece)
  }

  /** Requests for the piece are again such as a choked peer should not make. Nothing is said. */
  allowedFastNoMore(piece: number): void {
    this.#allowedFast.delete(piece)
  }

  /** BEP 54: takes a HAVE back. False where the peer would not understand. */
  dontHave(piece: number): boolean {
    const index = new Uint8Array([piece >>> 24, piece >>> 16, piece >>> 8, piece])
    return this.extended(LT_DONTHAVE, index)
  }

  /** BEP 5: the UDP port of our DHT node. */
  port(port: number): void {
    if (this.isOpen && this.hasDht) this.encoder.port(port)
  }

  /** Says again who we are, with changes (BEP 10), such as `metadataSize` once it is known. */
  extendedHandshake(changes: ExtendedOffer): void {
    if (!this.isOpen || !this.hasExtended) return
    this.offer = { ...this.offer, ...changes }
    this.encoder.extended(EXTENDED_HANDSHAKE_ID, encodeExtendedHandshake(this.offer))
  }

  /** BEP 21. */
  uploadOnly(isUploadOnly: boolean): void {
    if (!this.isOpen || (this.offer?.isUploadOnly ?? false) === isUploadOnly) return
    this.offer = { ...this.offer, isUploadOnly }
    const isSaid = this.extended(UPLOAD_ONLY, new Uint8Array([Number(isUploadOnly)]))
    if (!isSaid) this.extendedHandshake({ isUploadOnly })
  }

  /** BEP 9. False where the peer does not exchange metadata. */
  requestMetadata(piece: number): boolean {
    return this.extended(UT_METADATA, encodeMetadataRequest(piece))
  }

  /** `total` is the size of the whole metadata. The bytes are copied. */
  sendMetadata(piece: number, total: number, bytes: Uint8Array): boolean {
    return this.extended(UT_METADATA, encodeMetadataHead(piece, total), bytes)
  }

  rejectMetadata(piece: number): boolean {
    return this.extended(UT_METADATA, encodeMetadataReject(piece))
  }

  /** BEP 52. False where the connection is not a v2 one, or this was asked and is not answered yet. */
  hashRequest(request: HashRequest): boolean {
    if (!this.isOpen || !this.supportsV2) return false
    if (this.#hashRequests.some(asked => isSameHashRequest(asked, request))) return false
    this.#hashRequests.push(request)
    this.encoder.hashes(MESSAGE_ID.HASH_REQUEST, request)
    return true
  }

  /** `hashes`: the base layer's, then the uncles towards the root. */
  hashes(request: HashRequest, hashes: Uint8Array): void {
    if (this.isOpen && this.supportsV2) this.encoder.hashes(MESSAGE_ID.HASHES, request, hashes)
  }

  hashReject(request: HashRequest): void {
    if (this.isOpen && this.supportsV2) this.encoder.hashes(MESSAGE_ID.HASH_REJECT, request)
  }

  /** Any extension's message by its name; `body` follows `payload`. False where the peer does not take it. */
  extended(name: string, payload: Uint8Array, body?: Uint8Array): boolean {
    const id = this.remoteExtended.ids.get(name)
    if (!this.isOpen || id === undefined) return false
    this.encoder.extended(id, payload, body)
    return true
  }

  #settleHashRequest(request: HashRequest): boolean {
    const at = this.#hashRequests.findIndex(asked => isSameHashRequest(asked, request))
    if (at < 0) return false
    this.#hashRequests.splice(at, 1)
    return true
  }
}
