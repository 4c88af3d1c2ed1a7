/** Nodes as they are written in messages: an id and an address (BEP 5, 32). */

import { type Address, decodeCompact, encodeCompact, type Family } from '../core/address.ts'
import { concatBytes } from '../core/bytes.ts'
import { NODE_ID_LENGTH, type NodeId } from './node-id.ts'

export interface Contact {
  readonly id: NodeId
  readonly address: Address
}

const LENGTHS: Readonly<Record<Family, number>> = { 4: NODE_ID_LENGTH + 6, 6: NODE_ID_LENGTH + 18 }

export function contactLength(family: Family): number {
  return LENGTHS[family]
}

export function encodeContacts(contacts: readonly Contact[]): Uint8Array {
  return concatBytes(contacts.flatMap(({ id, address }) => [id, encodeCompact(address)]))
}

/** No more than `limit`; what is cut off, has no port or is of the other family is left out. */
export function decodeContacts(bytes: Uint8Array, family: Family, limit: number): Contact[] {
  const contacts: Contact[] = []
  const length = LENGTHS[family]
  for (let at = 0; at + length <= bytes.length && contacts.length < limit; at += length) {
    const address = decodeCompact(bytes, at + NODE_ID_LENGTH, family)
    if (address.port === 0 || address.family !== family) continue
    contacts.push({ id: bytes.slice(at, at + NODE_ID_LENGTH), address })
  }
  return contacts
}
