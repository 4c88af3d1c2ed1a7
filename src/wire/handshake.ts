/** The first 68 bytes of a connection (BEP 3) and the bits of their reserved field (BEP 4). */

import { latin1Bytes } from '../core/bytes.ts'
import { ProtocolError } from '../core/errors.ts'

export const HANDSHAKE_LENGTH = 68

/** 19, and the name of the protocol. */
const PROTOCOL = latin1Bytes('\x13BitTorrent protocol')
const RESERVED_AT = PROTOCOL.length
const INFO_HASH_AT = RESERVED_AT + 8
const PEER_ID_AT = INFO_HASH_AT + 20

/** What the reserved bits offer. */
export interface Features {
  /** BEP 5: has a DHT node. */
  readonly dht: boolean
  /** BEP 6. */
  readonly fast: boolean
  /** BEP 10. */
  readonly extended: boolean
  /** BEP 52: a v1 connection of a hybrid torrent, which may go on under the v2 hash. */
  readonly upgrade: boolean
}

export interface Handshake {
  /** 8 bytes. */
  readonly reserved: Uint8Array
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
}

export function encodeFeatures(features: Features): Uint8Array {
  const reserved = new Uint8Array(8)
  if (features.extended) reserved[5]! |= 0x10
  if (features.dht) reserved[7]! |= 0x01
  if (features.fast) reserved[7]! |= 0x04
  if (features.upgrade) reserved[7]! |= 0x10
  return reserved
}

export function decodeFeatures(reserved: Uint8Array): Features {
  return {
    extended: (reserved[5]! & 0x10) !== 0,
    dht: (reserved[7]! & 0x01) !== 0,
    fast: (reserved[7]! & 0x04) !== 0,
    upgrade: (reserved[7]! & 0x10) !== 0,
  }
}

export function encodeHandshake(handshake: Handshake): Uint8Array {
  const bytes = new Uint8Array(HANDSHAKE_LENGTH)
  bytes.set(PROTOCOL)
  bytes.set(handshake.reserved, RESERVED_AT)
  bytes.set(handshake.infoHash, INFO_HASH_AT)
  bytes.set(handshake.peerId, PEER_ID_AT)
  return bytes
}

/** Collects a handshake. Refuses another protocol at its first byte. */
export class HandshakeReader {
  readonly #bytes = new Uint8Array(HANDSHAKE_LENGTH)
  #length = 0

  /**
   * Takes what it needs of a chunk and returns how many bytes that were.
   * Throws `ProtocolError` `handshake-not-bittorrent`.
   */
  take(chunk: Uint8Array): number {
    const taken = Math.min(chunk.length, HANDSHAKE_LENGTH - this.#length)
    const known = this.#length
    this.#bytes.set(taken === chunk.length ? chunk : chunk.subarray(0, taken), known)
    this.#length += taken
    const checked = Math.min(this.#length, PROTOCOL.length)
    for (let i = known; i < checked; i++) {
      if (this.#bytes[i] !== PROTOCOL[i]) {
        throw new ProtocolError(
          'handshake-not-bittorrent',
          'the peer does not begin with a BitTorrent handshake',
        )
      }
    }
    return taken
  }

  /** Null until all 68 bytes are there. */
  handshake(): Handshake | null {
    if (this.#length < HANDSHAKE_LENGTH) return null
    return {
      reserved: this.#bytes.slice(RESERVED_AT, INFO_HASH_AT),
      infoHash: this.#bytes.slice(INFO_HASH_AT, PEER_ID_AT),
      peerId: this.#bytes.slice(PEER_ID_AT, HANDSHAKE_LENGTH),
    }
  }
}
