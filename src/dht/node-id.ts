/** Ids of nodes, what is near to them, and which address may have which (BEP 5, 42). An id is 20 bytes. */

import { hostBytes } from '../core/address.ts'
import type { Dice, Secrets } from '../core/ports.ts'
import { scopeOf } from '../core/scope.ts'
import { crc32c } from './crc32c.ts'

export type NodeId = Uint8Array

export const NODE_ID_LENGTH = 20

const V4_MASK = Uint8Array.of(0x03, 0x0f, 0x3f, 0xff)
const V6_MASK = Uint8Array.of(0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff)

/** Negative where `a` is nearer to the target than `b`, by the XOR metric. */
export function compareDistance(target: NodeId, a: NodeId, b: NodeId): number {
  for (let i = 0; i < NODE_ID_LENGTH; i++) {
    const difference = (a[i]! ^ target[i]!) - (b[i]! ^ target[i]!)
    if (difference !== 0) return difference
  }
  return 0
}

/** How many bits at their beginning two ids have in common: 0 to 160. */
export function commonBits(a: NodeId, b: NodeId): number {
  for (let i = 0; i < NODE_ID_LENGTH; i++) {
    const difference = a[i]! ^ b[i]!
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24
  }
  return 8 * NODE_ID_LENGTH
}

/** An id with exactly so many bits in common with `id`; the rest is by chance. */
export function idInBucket(id: NodeId, bits: number, dice: Dice): NodeId {
  const made = Uint8Array.from({ length: NODE_ID_LENGTH }, () => dice.below(256))
  for (let bit = 0; bit <= Math.min(bits, 159); bit++) {
    const mask = 0x80 >> (bit & 7)
    const isSet = (id[bit >> 3]! & mask) !== 0
    const wanted = bit === bits ? !isSet : isSet
    made[bit >> 3] = wanted ? made[bit >> 3]! | mask : made[bit >> 3]! & ~mask
  }
  return made
}

/** An id that the host may have (BEP 42). Its last byte is `seed`; by chance where nothing is said. */
export function secureIdFor(host: string, secrets: Secrets, seed?: number): NodeId {
  const id = secrets.bytes(NODE_ID_LENGTH)
  if (seed !== undefined) id[19] = seed
  const prefix = prefixFor(host, id[19]!)
  id[0] = prefix >>> 24
  id[1] = prefix >>> 16
  id[2] = ((prefix >>> 8) & 0xf8) | (id[2]! & 0x07)
  return id
}

/** Whether the host may have this id. Hosts that are not reached from the whole world may have any (BEP 42). */
export function isSecureId(id: NodeId, host: string): boolean {
  if (scopeOf(host) !== 'global') return true
  const prefix = prefixFor(host, id[19]!)
  return (
    id[0] === prefix >>> 24 &&
    id[1] === ((prefix >>> 16) & 0xff) &&
    (id[2]! & 0xf8) === ((prefix >>> 8) & 0xf8)
  )
}

function prefixFor(host: string, seed: number): number {
  const address = hostBytes(host)
  const mask = address.length === 4 ? V4_MASK : V6_MASK
  const masked = mask.map((bits, i) => address[i]! & bits)
  masked[0] = masked[0]! | ((seed & 7) << 5)
  return crc32c(masked)
}
