import { randomBytes } from 'node:crypto'
import type { Dice } from '../core/ports.ts'

/**
 * Fast chance that can be repeated from its seed: xoshiro128** by Blackman and Vigna (prng.di.unimi.it), seeded with
 * splitmix32. Never for secrets.
 */
export class SystemDice implements Dice {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number = randomBytes(4).readUInt32LE()) {
    const next = splitmix(seed)
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next()
  }

  below(below: number): number {
    return Math.floor(this.fraction() * below)
  }

  fraction(): number {
    return (this.#next() * 0x200000 + (this.#next() >>> 11)) / 0x20000000000000 // 53 bits
  }

  /** 32 bits. */
  #next(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = rotate(this.#d, 11)
    return result
  }
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

function splitmix(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) | 0
  }
}
