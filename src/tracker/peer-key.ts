import type { Family } from '../core/address.ts'
import type { Reach } from './peer-mark.ts'

/** Halves (16 bits) of a packed address, and of the part of it that names the host: an IPv6 host has its whole /64. */
const WIDTH = { 4: 3, 6: 9 } as const
const HOST_WIDTH = { 4: 2, 6: 4 } as const

/**
 * The packed address by which a peer is found in the store, and its keyed hash. One object a family is filled again and
 * again. Halves are in the machine's order: they are only compared, copied and mixed.
 */
export class PeerKey {
  readonly family: Family
  /** Halves of a whole packed address. */
  readonly width: number
  hash = 0
  readonly #hostWidth: number
  readonly #seed: number
  readonly #bytes: Uint8Array
  readonly #halves: Uint16Array

  constructor(family: Family, seed: number) {
    this.family = family
    this.width = WIDTH[family]
    this.#hostWidth = HOST_WIDTH[family]
    this.#seed = seed
    this.#bytes = new Uint8Array(2 * this.width)
    this.#halves = new Uint16Array(this.#bytes.buffer)
  }

  /** `host`: 4 or 16 bytes, as the family has them. */
  fill(host: Uint8Array, port: number, reach: Reach): this {
    this.#bytes.set(host)
    this.#bytes[host.length] = port >>> 8
    this.#bytes[host.length + 1] = port
    this.hash = this.hashOf(this.#halves, 0, reach)
    return this
  }

  isAt(halves: Uint16Array, at: number): boolean {
    const mine = this.#halves
    if (halves[at] !== mine[0] || halves[at + 1] !== mine[1] || halves[at + 2] !== mine[2]) return false
    for (let i = 3; i < this.width; i++) if (halves[at + i] !== mine[i]) return false
    return true
  }

  isHostAt(halves: Uint16Array, at: number): boolean {
    for (let i = 0; i < this.#hostWidth; i++) if (halves[at + i] !== this.#halves[i]) return false
    return true
  }

  writeTo(halves: Uint16Array, at: number): void {
    for (let i = 0; i < this.width; i++) halves[at + i] = this.#halves[i]!
  }

  /** The hash of the address at `at`: of its host alone where it is global, else of all of it. */
  hashOf(halves: Uint16Array, at: number, reach: Reach): number {
    const width = reach === 0 ? this.#hostWidth : this.width
    let hash = this.#seed
    for (let i = 0; i < width; i++) hash = mix(hash ^ halves[at + i]!)
    return hash
  }
}

/** Spreads each bit over all 32 (the finisher of MurmurHash3). */
export function mix(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
