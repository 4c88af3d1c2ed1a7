/**
 * What is known of a peer besides its address and id, in 16 bits: when it was last heard of, how far its address
 * reaches, and whether it is a partial seed (BEP 21).
 */

import type { Scope } from '../core/address.ts'

/** Milliseconds of one tick of the clock in a mark. */
export const TICK = 16_384
/** Ticks wrap after 37 hours; what is older than a lifetime is swept out long before. */
const TICK_MASK = 0x1fff
const PARTIAL_SEED = 0x2000
const REACH_SHIFT = 14

/** Two bits. */
export type Reach = number

const REACH_OF = { global: 0, private: 1, 'link-local': 2, loopback: 3, unusable: 2 } as const

/** How far an address reaches, as the store keeps it. */
export function reachOf(scope: Scope): Reach {
  return REACH_OF[scope]
}

/**
 * The reaches that an asker can use, as a set of bits: everybody reaches global addresses; private ones are for the
 * same network and for this machine, which is on it; link-local and loopback ones only for their own kind.
 */
export function reachesFor(scope: Scope): number {
  const globally = 1 << REACH_OF.global
  if (scope === 'global') return globally
  const privately = 1 << REACH_OF.private
  if (scope === 'private') return globally | privately
  return globally | privately | (1 << REACH_OF[scope])
}

export function tickOf(now: number): number {
  return Math.floor(now / TICK) & TICK_MASK
}

export function mark(tick: number, reach: Reach, isPartialSeed: boolean): number {
  return (reach << REACH_SHIFT) | (isPartialSeed ? PARTIAL_SEED : 0) | tick
}

/** Ticks since the mark was made. */
export function ageOf(value: number, tick: number): number {
  return (tick - value) & TICK_MASK
}

export function reachOfMark(value: number): Reach {
  return value >>> REACH_SHIFT
}

export function isPartialSeed(value: number): boolean {
  return (value & PARTIAL_SEED) !== 0
}
