/** What anybody may keep in the DHT: values that never change, and values that the owner of a key changes (BEP 44). */

import { asBytes, asInteger, type BencodeDict } from '../bencode/bencode.ts'
import { encodeBencode } from '../bencode/encode.ts'
import { concatBytes, equalBytes, latin1Bytes, NO_BYTES } from '../core/bytes.ts'
import type { Digest, Signatures } from '../core/ports.ts'
import { DHT_LIMITS } from './limits.ts'
import type { NodeId } from './node-id.ts'

/** `value` is bencoded, at most 1000 bytes. */
export interface ImmutableItem {
  readonly value: Uint8Array
}

export interface MutableItem {
  readonly value: Uint8Array
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** 0 to 64 bytes. */
  readonly salt: Uint8Array
  /** Only a greater one replaces what is there. */
  readonly sequence: number
  /** 64 bytes. */
  readonly signature: Uint8Array
}

export type Item = ImmutableItem | MutableItem

export function isMutable(item: Item): item is MutableItem {
  return 'publicKey' in item
}

/** Where an item is kept. */
export function targetOf(item: Item, digest: Digest): NodeId {
  return isMutable(item) ? mutableTarget(item, digest) : digest.sha1(item.value)
}

/** Where what the owner of a key says is kept. */
export function mutableTarget(
  { publicKey, salt }: Pick<MutableItem, 'publicKey' | 'salt'>,
  digest: Digest,
): NodeId {
  return digest.sha1(concatBytes([publicKey, salt]))
}

/** What is signed. */
export function signedBytes({
  value,
  salt,
  sequence,
}: Omit<MutableItem, 'publicKey' | 'signature'>): Uint8Array {
  return concatBytes([
    salt.length > 0 ? concatBytes([latin1Bytes('4:salt'), encodeBencode(salt)]) : NO_BYTES,
    latin1Bytes(`3:seqi${sequence}e1:v`),
    value,
  ])
}

/** Whether its sizes are allowed, and it is its owner's. */
export function isGenuine(item: MutableItem, signatures: Signatures): boolean {
  const { publicKey, salt, signature, value, sequence } = item
  if (publicKey.length !== 32 || signature.length !== 64 || !Number.isSafeInteger(sequence)) return false
  if (value.length > DHT_LIMITS.itemLength || salt.length > DHT_LIMITS.saltLength) return false
  return signatures.verify(signedBytes(item), signature, publicKey)
}

/**
 * The item of an answer to `get` for this target; null where there is none, or not this one. `salt`: what was asked
 * with, which answers do not repeat.
 */
export function readItem(
  values: BencodeDict,
  { target, salt }: { target: NodeId; salt: Uint8Array },
  { digest, signatures }: { digest: Digest; signatures: Signatures },
): Item | null {
  const value = values.rawOf('v')
  if (value === null || value.length > DHT_LIMITS.itemLength) return null
  const publicKey = asBytes(values.get('k'))
  if (publicKey === null) return equalBytes(digest.sha1(value), target) ? { value: value.slice() } : null
  const signature = asBytes(values.get('sig'))
  const sequence = asInteger(values.get('seq'))
  if (signature === null || sequence === null) return null
  const item = {
    value: value.slice(),
    publicKey: publicKey.slice(),
    salt,
    sequence,
    signature: signature.slice(),
  }
  return equalBytes(mutableTarget(item, digest), target) && isGenuine(item, signatures) ? item : null
}
