/** What is remembered of a node from one run to the next: its id, and others that answered. */

import { asBytes, asDict } from '../bencode/bencode.ts'
import { decodeBencode } from '../bencode/decode.ts'
import { encodeBencode } from '../bencode/encode.ts'
import type { Family } from '../core/address.ts'
import { FormatError } from '../core/errors.ts'
import { type Contact, decodeContacts, encodeContacts } from './contact.ts'
import { idOf } from './krpc.ts'
import { DHT_LIMITS } from './limits.ts'
import type { NodeId } from './node-id.ts'

export interface SavedNode {
  readonly id: NodeId
  readonly contacts: readonly Contact[]
}

export function encodeSavedNodes(nodes: ReadonlyMap<Family, SavedNode>): Uint8Array {
  return encodeBencode(
    new Map(
      [...nodes].map(([family, { id, contacts }]) => [
        `v${family}`,
        { id, nodes: encodeContacts(contacts.slice(0, DHT_LIMITS.savedNodes)) },
      ]),
    ),
  )
}

/** What cannot be read is as if it had never been: the network can be found anew. */
export function decodeSavedNodes(bytes: Uint8Array | null): ReadonlyMap<Family, SavedNode> {
  const nodes = new Map<Family, SavedNode>()
  const saved = bytes && readDict(bytes)
  for (const family of [4, 6] as const) {
    const node = asDict(saved?.get(`v${family}`))
    const id = idOf(node, 'id')
    if (!node || !id) continue
    const contacts = decodeContacts(asBytes(node.get('nodes')) ?? id, family, DHT_LIMITS.savedNodes)
    nodes.set(family, { id: id.slice(), contacts })
  }
  return nodes
}

function readDict(bytes: Uint8Array) {
  try {
    return asDict(decodeBencode(bytes))
  } catch (error) {
    if (error instanceof FormatError) return null
    throw error
  }
}
