/** The messages of the peer wire protocol, as the decoder hands them out. */

import type { HashRequest } from './hash-request.ts'

/** The byte after the length prefix (BEP 4 lists them). */
export const MESSAGE_ID = {
  CHOKE: 0,
  UNCHOKE: 1,
  INTERESTED: 2,
  NOT_INTERESTED: 3,
  HAVE: 4,
  BITFIELD: 5,
  REQUEST: 6,
  PIECE: 7,
  CANCEL: 8,
  /** BEP 5 */
  PORT: 9,
  /** BEP 6, up to ALLOWED_FAST */
  SUGGEST: 13,
  HAVE_ALL: 14,
  HAVE_NONE: 15,
  REJECT: 16,
  ALLOWED_FAST: 17,
  /** BEP 10 */
  EXTENDED: 20,
  /** BEP 52, up to HASH_REJECT */
  HASH_REQUEST: 21,
  HASHES: 22,
  HASH_REJECT: 23,
} as const

/** A stretch of a piece, as REQUEST, CANCEL, REJECT and the head of PIECE name it. */
interface Stretch {
  readonly piece: number
  /** Offset in the piece. */
  readonly begin: number
  readonly length: number
}

/**
 * One decoded message. PIECE comes as `block-start`, any number of `block-data` and a `block-end`. All bytes in
 * messages are views that are valid until the next `push`.
 */
export type Message =
  | { readonly type: 'keep-alive' }
  | { readonly type: 'choked' }
  | { readonly type: 'unchoked' }
  | { readonly type: 'interested' }
  | { readonly type: 'not-interested' }
  | { readonly type: 'have'; readonly piece: number }
  | { readonly type: 'bitfield-bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'have-all' }
  | { readonly type: 'have-none' }
  | ({ readonly type: 'request' } & Stretch)
  | ({ readonly type: 'cancel' } & Stretch)
  | ({ readonly type: 'rejected' } & Stretch)
  | ({ readonly type: 'block-start' } & Stretch)
  | { readonly type: 'block-data'; readonly bytes: Uint8Array }
  | { readonly type: 'block-end' }
  | { readonly type: 'suggested'; readonly piece: number }
  | { readonly type: 'allowed-fast'; readonly piece: number }
  | { readonly type: 'port'; readonly port: number }
  | { readonly type: 'extended-message'; readonly id: number; readonly payload: Uint8Array }
  | { readonly type: 'hash-request'; readonly request: HashRequest }
  | { readonly type: 'hashes'; readonly request: HashRequest; readonly hashes: Uint8Array }
  | { readonly type: 'hash-rejected'; readonly request: HashRequest }
  /** A message whose id we do not know: its payload is skipped. */
  | { readonly type: 'unknown'; readonly id: number; readonly length: number }
