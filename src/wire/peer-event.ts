import type { Bitfield } from '../core/bitfield.ts'
import type { ExtendedHandshake } from './extension.ts'
import type { HashRequest } from './hash-request.ts'

/**
 * What a peer did, in the order it did it. Bytes in events are views that are valid until the next `receive`:
 * copy what is kept. Indices of pieces are in range where the number of pieces is known.
 */
export type PeerEvent =
  /** The other side's handshake. An acceptor answers with `accept` or `close`. */
  | {
      readonly type: 'handshake'
      /** 20 bytes: the swarm key that the other side sent. */
      readonly infoHash: Uint8Array
      /** 20 bytes. */
      readonly peerId: Uint8Array
      /** 8 bytes. */
      readonly reserved: Uint8Array
      /** BEP 52: the initiator of a v1 connection offers to be answered under the v2 hash. */
      readonly offersUpgrade: boolean
    }
  | { readonly type: 'choked' }
  | { readonly type: 'unchoked' }
  | { readonly type: 'interested' }
  | { readonly type: 'not-interested' }
  | { readonly type: 'have'; readonly piece: number }
  /** All that the peer has: what it said before is void. A peer that has nothing may never send it. */
  | { readonly type: 'bitfield'; readonly bits: Bitfield }
  | { readonly type: 'dont-have'; readonly piece: number }
  /** Only while we do not choke the peer, or with the fast extension. The length is 1 to 128 KiB. */
  | { readonly type: 'request'; readonly piece: number; readonly begin: number; readonly length: number }
  | { readonly type: 'cancel'; readonly piece: number; readonly begin: number; readonly length: number }
  | { readonly type: 'rejected'; readonly piece: number; readonly begin: number; readonly length: number }
  /** A block begins: `length` bytes (1 to 16 KiB) follow in `block-data`, then `block-end`. */
  | { readonly type: 'block-start'; readonly piece: number; readonly begin: number; readonly length: number }
  | { readonly type: 'block-data'; readonly bytes: Uint8Array }
  | { readonly type: 'block-end' }
  | { readonly type: 'suggested'; readonly piece: number }
  | { readonly type: 'allowed-fast'; readonly piece: number }
  /** BEP 5: the UDP port of the peer's DHT node. */
  | { readonly type: 'port'; readonly port: number }
  /** BEP 10: all that the peer's extension handshakes said so far. May come again. */
  | ({ readonly type: 'extended-handshake' } & ExtendedHandshake)
  | { readonly type: 'upload-only'; readonly isUploadOnly: boolean }
  | { readonly type: 'metadata-request'; readonly piece: number }
  | {
      readonly type: 'metadata-piece'
      readonly piece: number
      /** The size of the whole metadata as this message claims it; null where it does not. */
      readonly total: number | null
      readonly bytes: Uint8Array
    }
  | { readonly type: 'metadata-rejected'; readonly piece: number }
  | { readonly type: 'hash-request'; readonly request: HashRequest }
  /** `hashes` has the length that the request implies. Whether it was asked is for the owner to check. */
  | { readonly type: 'hashes'; readonly request: HashRequest; readonly hashes: Uint8Array }
  | { readonly type: 'hash-rejected'; readonly request: HashRequest }
  /** A message of an extension that we named in `ExtendedOffer.names`. */
  | { readonly type: 'extended'; readonly name: string; readonly payload: Uint8Array }
