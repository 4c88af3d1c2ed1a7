/** The messages of the DHT, which are bencoded dictionaries (BEP 5; `ip` BEP 42, `ro` BEP 43). */

import { asBytes, asDict, asInteger, asList, asText, type BencodeDict } from '../bencode/bencode.ts'
import { decodeBencode } from '../bencode/decode.ts'
import { type Encodable, encodeBencode } from '../bencode/encode.ts'
import { type Address, decodeCompact, encodeCompact } from '../core/address.ts'
import { FormatError } from '../core/errors.ts'
import { printable } from '../core/printable.ts'
import { DHT_LIMITS } from './limits.ts'
import { NODE_ID_LENGTH, type NodeId } from './node-id.ts'

/** What is told to who asks for what cannot be (BEP 5, 44). */
export const KRPC_ERROR = {
  GENERIC: 201,
  SERVER: 202,
  PROTOCOL: 203,
  METHOD_UNKNOWN: 204,
  VALUE_TOO_LARGE: 205,
  SIGNATURE_INVALID: 206,
  SALT_TOO_LARGE: 207,
  CAS_MISMATCH: 301,
  SEQUENCE_TOO_LOW: 302,
} as const

export type KrpcMessage = { readonly transaction: Uint8Array } & (
  | {
      readonly type: 'query'
      readonly method: string
      readonly id: NodeId
      readonly args: BencodeDict
      /** BEP 43: who asks answers nothing, and is not to be remembered. */
      readonly isReadOnly: boolean
    }
  | {
      readonly type: 'response'
      readonly id: NodeId
      readonly values: BencodeDict
      /** BEP 42: where they see us; null where they do not say. */
      readonly seenAt: Address | null
    }
  | { readonly type: 'error'; readonly code: number; readonly text: string }
  /** A query that lacks what all queries have: it can only be refused. */
  | { readonly type: 'broken' }
)

type Fields = Readonly<Record<string, Encodable | undefined>>

/** `version`: 4 bytes, the program. */
export function encodeQuery(query: {
  transaction: Uint8Array
  method: string
  args: Fields & { readonly id: NodeId }
  isReadOnly?: boolean
  version?: Uint8Array | undefined
}): Uint8Array {
  const { transaction, method, args, isReadOnly, version } = query
  return encodeBencode({
    a: args,
    q: method,
    ro: isReadOnly ? 1 : undefined,
    t: transaction,
    v: version,
    y: 'q',
  })
}

/** `to`: whom it is for; he is told where we see him. */
export function encodeResponse(response: {
  transaction: Uint8Array
  values: Fields & { readonly id: NodeId }
  to: Address
  version?: Uint8Array | undefined
}): Uint8Array {
  const { transaction, values, to, version } = response
  return encodeBencode({ ip: encodeCompact(to), r: values, t: transaction, v: version, y: 'r' })
}

export function encodeError(error: {
  transaction: Uint8Array
  code: number
  text: string
  version?: Uint8Array | undefined
}): Uint8Array {
  const { transaction, code, text, version } = error
  return encodeBencode({ e: [code, text], t: transaction, v: version, y: 'e' })
}

/** Null for what is no message of the DHT. What is in it are views on `datagram`. */
export function decodeKrpc(datagram: Uint8Array): KrpcMessage | null {
  const message = datagram.length > DHT_LIMITS.datagramLength ? null : decodeDict(datagram)
  const transaction = asBytes(message?.get('t'))
  if (!message || !transaction || transaction.length > DHT_LIMITS.transactionLength) return null
  switch (asText(message.get('y'))) {
    case 'q':
      return decodeQuery(message, transaction)
    case 'r':
      return decodeResponse(message, transaction)
    case 'e':
      return decodeError(message, transaction)
    default:
      return null
  }
}

function decodeQuery(message: BencodeDict, transaction: Uint8Array): KrpcMessage {
  const args = asDict(message.get('a'))
  const method = asText(message.get('q'))
  const id = idOf(args, 'id')
  if (!args || method === null || !id) return { type: 'broken', transaction }
  const isReadOnly = asInteger(message.get('ro')) === 1
  return { type: 'query', transaction, method, id, args, isReadOnly }
}

function decodeResponse(message: BencodeDict, transaction: Uint8Array): KrpcMessage | null {
  const values = asDict(message.get('r'))
  const id = idOf(values, 'id')
  if (!values || !id) return null
  return { type: 'response', transaction, id, values, seenAt: compactAddress(asBytes(message.get('ip'))) }
}

function decodeError(message: BencodeDict, transaction: Uint8Array): KrpcMessage {
  const [code, text] = asList(message.get('e')) ?? []
  return {
    type: 'error',
    transaction,
    code: asInteger(code) ?? KRPC_ERROR.GENERIC,
    text: printable((asText(text) ?? '').slice(0, 200)),
  }
}

/** 20 bytes of a message, as ids and info-hashes are; null for anything else. */
export function idOf(dict: BencodeDict | null, key: string): NodeId | null {
  const bytes = asBytes(dict?.get(key))
  return bytes?.length === NODE_ID_LENGTH ? bytes : null
}

/** 6 or 18 bytes; null for anything else, and for what has no port. */
export function compactAddress(bytes: Uint8Array | null): Address | null {
  if (bytes?.length !== 6 && bytes?.length !== 18) return null
  const address = decodeCompact(bytes, 0, bytes.length === 6 ? 4 : 6)
  return address.port === 0 ? null : address
}

function decodeDict(datagram: Uint8Array): BencodeDict | null {
  try {
    return asDict(decodeBencode(datagram, { depth: DHT_LIMITS.depth, tokens: DHT_LIMITS.tokens }))
  } catch (error) {
    if (error instanceof FormatError) return null
    throw error
  }
}
