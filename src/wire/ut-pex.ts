/** Peer exchange (BEP 11): peers tell each other whom they are connected to. */

import { asBytes, asDict, type BencodeDict } from '../bencode/bencode.ts'
import { decodeBencode } from '../bencode/decode.ts'
import { encodeBencode } from '../bencode/encode.ts'
import { type Address, decodeCompact, encodeCompact, type Family } from '../core/address.ts'
import { concatBytes } from '../core/bytes.ts'
import { FormatError, ProtocolError } from '../core/errors.ts'
import { WIRE_LIMITS } from './limits.ts'

const PREFERS_ENCRYPTION = 0x01
const IS_SEED = 0x02
const HAS_UTP = 0x04
const HAS_HOLEPUNCH = 0x08
const IS_REACHABLE = 0x10

/** A peer that somebody is connected to. */
export interface PexContact {
  readonly address: Address
  readonly prefersEncryption: boolean
  /** It has everything, or wants nothing more (BEP 21). */
  readonly isSeed: boolean
  readonly hasUtp: boolean
  /** BEP 55: others can be reached through it. */
  readonly hasHolepunch: boolean
  /** Who tells of it dialled it, so others can. */
  readonly isReachable: boolean
}

/** What changed since the message before. */
export interface PexMessage {
  readonly added: readonly PexContact[]
  readonly dropped: readonly Address[]
}

export function encodePex({ added, dropped }: PexMessage): Uint8Array {
  const [added4, added6] = byFamily(added, ({ address }) => address)
  const [dropped4, dropped6] = byFamily(dropped, address => address)
  return encodeBencode({
    added: compact(added4.map(({ address }) => address)),
    'added.f': flags(added4),
    added6: compact(added6.map(({ address }) => address)),
    'added6.f': flags(added6),
    dropped: compact(dropped4),
    dropped6: compact(dropped6),
  })
}

/**
 * Addresses come as they were sent, port 0 and all; of those that were added and those that were dropped no more than
 * `pexContacts` of each family. What is missing or cut off is passed over. Throws `ProtocolError` `pex-message-invalid`.
 */
export function decodePex(payload: Uint8Array): PexMessage {
  const said = readDict(payload)
  return {
    added: [...contacts(said, 'added', 4), ...contacts(said, 'added6', 6)],
    dropped: [...addresses(said, 'dropped', 4), ...addresses(said, 'dropped6', 6)],
  }
}

function byFamily<T>(all: readonly T[], addressOf: (item: T) => Address): [T[], T[]] {
  return [all.filter(item => addressOf(item).family === 4), all.filter(item => addressOf(item).family === 6)]
}

/** Undefined, so that the key is left out, where there is nothing. */
function compact(all: readonly Address[]): Uint8Array | undefined {
  return all.length > 0 ? concatBytes(all.map(encodeCompact)) : undefined
}

function flags(all: readonly PexContact[]): Uint8Array | undefined {
  return all.length > 0 ? Uint8Array.from(all, flagsOf) : undefined
}

function flagsOf(contact: PexContact): number {
  return (
    (contact.prefersEncryption ? PREFERS_ENCRYPTION : 0) |
    (contact.isSeed ? IS_SEED : 0) |
    (contact.hasUtp ? HAS_UTP : 0) |
    (contact.hasHolepunch ? HAS_HOLEPUNCH : 0) |
    (contact.isReachable ? IS_REACHABLE : 0)
  )
}

function contacts(said: BencodeDict, key: string, family: Family): PexContact[] {
  const theirFlags = asBytes(said.get(`${key}.f`))
  return addresses(said, key, family).map((address, i) => contact(address, theirFlags?.[i] ?? 0))
}

function contact(address: Address, bits: number): PexContact {
  return {
    address,
    prefersEncryption: (bits & PREFERS_ENCRYPTION) !== 0,
    isSeed: (bits & IS_SEED) !== 0,
    hasUtp: (bits & HAS_UTP) !== 0,
    hasHolepunch: (bits & HAS_HOLEPUNCH) !== 0,
    isReachable: (bits & IS_REACHABLE) !== 0,
  }
}

/** Bounded by `pexContacts`. */
function addresses(said: BencodeDict, key: string, family: Family): Address[] {
  const bytes = asBytes(said.get(key))
  if (!bytes) return []
  const width = family === 4 ? 6 : 18
  const count = Math.min(Math.floor(bytes.length / width), WIRE_LIMITS.pexContacts)
  return Array.from({ length: count }, (_, i) => decodeCompact(bytes, i * width, family))
}

function readDict(payload: Uint8Array): BencodeDict {
  try {
    const dict = asDict(
      decodeBencode(payload, { depth: WIRE_LIMITS.extendedDepth, tokens: WIRE_LIMITS.extendedTokens }),
    )
    if (dict) return dict
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new ProtocolError('pex-message-invalid', `a message about peers is broken: ${error.message}`, {
      cause: error,
    })
  }
  throw new ProtocolError('pex-message-invalid', 'a message about peers is not a dictionary')
}
