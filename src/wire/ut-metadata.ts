/** The messages that carry an info dictionary to those who have only a magnet link (BEP 9). */

import { asDict, asInteger } from '../bencode/bencode.ts'
import { decodeBencodePrefix, type Decoded } from '../bencode/decode.ts'
import { encodeBencode } from '../bencode/encode.ts'
import { FormatError, ProtocolError } from '../core/errors.ts'
import { WIRE_LIMITS } from './limits.ts'

const REQUEST = 0
const DATA = 1
const REJECT = 2

/** Bytes of a piece of metadata; only the last one is shorter. */
export const METADATA_PIECE_LENGTH = WIRE_LIMITS.metadataPieceLength

export type MetadataMessage =
  | { readonly type: 'metadata-request'; readonly piece: number }
  | {
      readonly type: 'metadata-piece'
      readonly piece: number
      readonly total: number | null
      readonly bytes: Uint8Array
    }
  | { readonly type: 'metadata-rejected'; readonly piece: number }

export function encodeMetadataRequest(piece: number): Uint8Array {
  return encodeBencode({ msg_type: REQUEST, piece })
}

export function encodeMetadataReject(piece: number): Uint8Array {
  return encodeBencode({ msg_type: REJECT, piece })
}

/** What comes before the bytes of a piece. */
export function encodeMetadataHead(piece: number, total: number): Uint8Array {
  return encodeBencode({ msg_type: DATA, piece, total_size: total })
}

/**
 * Null for a kind of message that BEP 9 does not know. The bytes of a piece are a view on `payload`.
 * Throws `ProtocolError` `metadata-message-invalid` or `metadata-piece-size`.
 */
export function decodeMetadataMessage(payload: Uint8Array): MetadataMessage | null {
  const decoded = decodeHead(payload)
  const head = asDict(decoded.value)
  const kind = asInteger(head?.get('msg_type'))
  const piece = asInteger(head?.get('piece'))
  if (kind === null || piece === null || piece < 0) {
    throw new ProtocolError('metadata-message-invalid', 'a metadata message lacks msg_type or piece')
  }
  switch (kind) {
    case REQUEST:
      return { type: 'metadata-request', piece }
    case DATA:
      return metadataPiece(piece, asInteger(head?.get('total_size')), payload.subarray(decoded.length))
    case REJECT:
      return { type: 'metadata-rejected', piece }
    default:
      return null
  }
}

function metadataPiece(piece: number, total: number | null, bytes: Uint8Array): MetadataMessage {
  const expected = total === null ? METADATA_PIECE_LENGTH : total - piece * METADATA_PIECE_LENGTH
  const longest = Math.min(expected, METADATA_PIECE_LENGTH)
  if (bytes.length === 0 || bytes.length > longest || (total !== null && bytes.length < longest)) {
    throw new ProtocolError(
      'metadata-piece-size',
      `metadata piece ${piece} of ${total ?? 'unknown'} bytes came with ${bytes.length} bytes`,
    )
  }
  return { type: 'metadata-piece', piece, total, bytes }
}

function decodeHead(payload: Uint8Array): Decoded {
  try {
    return decodeBencodePrefix(payload, {
      depth: WIRE_LIMITS.extendedDepth,
      tokens: WIRE_LIMITS.extendedTokens,
    })
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new ProtocolError('metadata-message-invalid', `a metadata message is broken: ${error.message}`, {
      cause: error,
    })
  }
}
