/** The extension protocol's handshake (BEP 10), and the numbers under which we take extension messages. */

import { asBytes, asDict, asInteger, type BencodeDict } from '../bencode/bencode.ts'
import { decodeBencode } from '../bencode/decode.ts'
import { encodeBencode } from '../bencode/encode.ts'
import { utf8Text } from '../core/bytes.ts'
import { FormatError, ProtocolError } from '../core/errors.ts'
import { printable } from '../core/printable.ts'
import { WIRE_LIMITS } from './limits.ts'

/** The message id of the handshake itself. */
export const EXTENDED_HANDSHAKE_ID = 0

/** BEP 9. */
export const UT_METADATA = 'ut_metadata'
/** BEP 54. */
export const LT_DONTHAVE = 'lt_donthave'
/** BEP 21, as a message: libtorrent's way to change its mind. */
export const UPLOAD_ONLY = 'upload_only'
/** BEP 11. */
export const UT_PEX = 'ut_pex'

/** What this folder speaks itself. */
const OWN_NAMES = [UT_METADATA, LT_DONTHAVE, UPLOAD_ONLY] as const
/** Whether these are spoken is for the owner of a connection to say. */
const KNOWN_NAMES: readonly string[] = [...OWN_NAMES, UT_PEX]

/** What we say of ourselves. */
export interface ExtendedOffer {
  /** Our TCP port. */
  readonly listenPort?: number
  /** Name and version of this program. */
  readonly version?: string
  /** Bytes of the info dictionary; left out while we do not have it. */
  readonly metadataSize?: number
  /** How many requests we hold without dropping any. */
  readonly reqq?: number
  /** BEP 21: we download nothing more. */
  readonly isUploadOnly?: boolean
  /** 4 or 16 bytes: the address that we see the peer under. */
  readonly yourIp?: Uint8Array
  /** 4 bytes. */
  readonly ipv4?: Uint8Array
  /** 16 bytes. */
  readonly ipv6?: Uint8Array
  /** Extensions beside those of this folder; their messages come as `extended` events. */
  readonly names?: readonly string[]
}

/** What the peer said of itself, over all its handshakes; null where it said nothing usable. */
export interface ExtendedHandshake {
  /** By name: the id under which the peer takes messages of that extension. */
  readonly ids: ReadonlyMap<string, number>
  readonly listenPort: number | null
  /** Made printable and cut. */
  readonly version: string | null
  /** A claim of any size: the owner says what it would take. */
  readonly metadataSize: number | null
  readonly reqq: number | null
  readonly isUploadOnly: boolean | null
  /** 4 or 16 bytes: the address that the peer sees us under. */
  readonly yourIp: Uint8Array | null
  readonly ipv4: Uint8Array | null
  readonly ipv6: Uint8Array | null
}

export const NOTHING_SAID: ExtendedHandshake = {
  ids: new Map(),
  listenPort: null,
  version: null,
  metadataSize: null,
  reqq: null,
  isUploadOnly: null,
  yourIp: null,
  ipv4: null,
  ipv6: null,
}

/** The names under which messages reach us: the id of a name is its place in this list, counted from 1. */
export function extensionNames(offer: ExtendedOffer): readonly string[] {
  return [...OWN_NAMES, ...(offer.names ?? [])]
}

export function encodeExtendedHandshake(offer: ExtendedOffer): Uint8Array {
  return encodeBencode({
    m: new Map(extensionNames(offer).map((name, i) => [name, i + 1])),
    p: offer.listenPort,
    v: offer.version,
    metadata_size: offer.metadataSize,
    reqq: offer.reqq,
    upload_only: offer.isUploadOnly === undefined ? undefined : Number(offer.isUploadOnly),
    yourip: offer.yourIp,
    ipv4: offer.ipv4,
    ipv6: offer.ipv6,
  })
}

/**
 * Adds a handshake to what was said before. Unknown keys and keys of a wrong type or size are passed over.
 * Throws `ProtocolError` `extended-handshake-invalid` where it is no bencoded dictionary.
 */
export function decodeExtendedHandshake(
  payload: Uint8Array,
  before: ExtendedHandshake = NOTHING_SAID,
): ExtendedHandshake {
  const said = readDict(payload)
  return {
    ids: mergeIds(before.ids, asDict(said.get('m'))),
    listenPort: integerBetween(said, 'p', 1, 65_535) ?? before.listenPort,
    version: clientName(asBytes(said.get('v'))) ?? before.version,
    metadataSize: integerBetween(said, 'metadata_size', 1, Number.MAX_SAFE_INTEGER) ?? before.metadataSize,
    reqq: requestQueue(said) ?? before.reqq,
    isUploadOnly: flag(said, 'upload_only') ?? before.isUploadOnly,
    yourIp: bytesOf(said, 'yourip', 4) ?? bytesOf(said, 'yourip', 16) ?? before.yourIp,
    ipv4: bytesOf(said, 'ipv4', 4) ?? before.ipv4,
    ipv6: bytesOf(said, 'ipv6', 16) ?? before.ipv6,
  }
}

function readDict(payload: Uint8Array): BencodeDict {
  const dict = asDict(decodeOrRefuse(payload))
  if (dict) return dict
  throw new ProtocolError('extended-handshake-invalid', 'the extension handshake is not a dictionary')
}

function decodeOrRefuse(payload: Uint8Array) {
  try {
    return decodeBencode(payload, {
      depth: WIRE_LIMITS.extendedDepth,
      tokens: WIRE_LIMITS.extendedTokens,
    })
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new ProtocolError(
      'extended-handshake-invalid',
      `the extension handshake is broken: ${error.message}`,
      {
        cause: error,
      },
    )
  }
}

/** `m` is additive: a handshake names what changes, and 0 takes a name away. */
function mergeIds(before: ReadonlyMap<string, number>, m: BencodeDict | null): ReadonlyMap<string, number> {
  if (!m) return before
  const ids = new Map(before)
  for (const [name, value] of m.entries()) {
    const id = asInteger(value)
    if (id === 0) ids.delete(name)
    else if (id !== null && id > 0 && id < 256 && isWorthKeeping(ids, name)) ids.set(name, id)
  }
  return ids
}

/** Bounded by `extensionNames` and `extensionNameLength`; what we speak ourselves always finds a place. */
function isWorthKeeping(ids: ReadonlyMap<string, number>, name: string): boolean {
  if (name.length > WIRE_LIMITS.extensionNameLength) return false
  return ids.size < WIRE_LIMITS.extensionNames || ids.has(name) || KNOWN_NAMES.includes(name)
}

function integerBetween(said: BencodeDict, key: string, least: number, most: number): number | null {
  const value = asInteger(said.get(key))
  return value !== null && value >= least && value <= most ? value : null
}

/** A queue of any size is one; only so many are believed. */
function requestQueue(said: BencodeDict): number | null {
  const reqq = asInteger(said.get('reqq'))
  return reqq !== null && reqq > 0 ? Math.min(reqq, WIRE_LIMITS.remoteQueueLength) : null
}

function flag(said: BencodeDict, key: string): boolean | null {
  const value = asInteger(said.get(key))
  return value === null ? null : value !== 0
}

function bytesOf(said: BencodeDict, key: string, length: number): Uint8Array | null {
  const value = asBytes(said.get(key))
  return value?.length === length ? value.slice() : null
}

function clientName(bytes: Uint8Array | null): string | null {
  if (!bytes || bytes.length === 0) return null
  const text = printable(utf8Text(bytes.subarray(0, WIRE_LIMITS.clientNameLength)))
  return text.slice(0, WIRE_LIMITS.clientNameLength)
}
