/**
 * Lends stretches of shared memory. The memory is cut into chunks of one size; a chunk serves stretches of one class
 * of lengths and goes back to all classes when the last of them is returned. Nothing is ever moved.
 *
 * A stretch is named by its place in units of 8 bytes; 0 is none. Who returns one says how long it is.
 */

import { enterLock, leaveLock } from './shared-lock.ts'
import type { SharedMemory } from './shared-memory.ts'

/** Also the longest stretch. */
export const CHUNK_LENGTH = 16_384
const UNIT = 8
const UNITS_A_CHUNK = CHUNK_LENGTH / UNIT
const NONE = 0xffff

/** Lengths that are lent: steps of 8 bytes, then about a quarter to a fifth more each time. */
const CLASS_LENGTHS = classLengths()
const CLASS_OF_UNITS = classOfUnits()

/** How long the stretch is that `lend(length)` gives. */
export function stretchLength(length: number): number {
  return CLASS_LENGTHS[classOf(length)]!
}

/** Words of the heap's own state, at `stateAt`: less than 64. */
const LOCK = 0
const CHUNK_COUNT = 1
const FREE_COUNT = 2
const FREE_CHUNKS = 3
const CLASS_LISTS = 16

/** Words of a chunk's record: class and live stretches, free list and bump pointer, links of its list. */
const USE = 0
const FREE = 1
const NEXT = 2
const PREVIOUS = 3
export const CHUNK_RECORD_WORDS = 4

export interface ChunkHeapPlaces {
  /** Word index of 64 words. */
  readonly stateAt: number
  /** Word index of `CHUNK_RECORD_WORDS` words a chunk. */
  readonly recordsAt: number
  /** Byte offset of the first chunk, a multiple of 8. */
  readonly chunksAt: number
  readonly maxChunks: number
}

export class ChunkHeap {
  readonly #memory: SharedMemory
  readonly #places: ChunkHeapPlaces
  readonly #lockWords: Int32Array

  constructor(memory: SharedMemory, places: ChunkHeapPlaces) {
    this.#memory = memory
    this.#places = places
    this.#lockWords = new Int32Array(memory.buffer, places.stateAt * 4, 1)
  }

  /** A stretch of at least `length` bytes, its content anything; 0 where memory is at its limit. */
  lend(length: number): number {
    enterLock(this.#lockWords, LOCK)
    this.#memory.see()
    const unit = this.#take(classOf(length))
    leaveLock(this.#lockWords, LOCK)
    return unit
  }

  giveBack(unit: number, length: number): void {
    enterLock(this.#lockWords, LOCK)
    this.#memory.see()
    this.#put(unit, classOf(length))
    leaveLock(this.#lockWords, LOCK)
  }

  /** Bytes of chunks in use. */
  get used(): number {
    const { words } = this.#memory
    const state = this.#places.stateAt
    return (words[state + CHUNK_COUNT]! - words[state + FREE_COUNT]!) * CHUNK_LENGTH
  }

  /** Three quarters are in use: what is left is for what is there already. */
  get isTight(): boolean {
    return this.used >= this.#places.maxChunks * CHUNK_LENGTH * 0.75
  }

  #take(kind: number): number {
    const list = this.#places.stateAt + CLASS_LISTS + kind
    let chunk = this.#memory.words[list]!
    if (chunk === 0) {
      chunk = this.#openChunk(kind)
      if (chunk === 0) return 0
      this.#link(list, chunk)
    }
    const { words, halves } = this.#memory
    const record = this.#record(chunk)
    const free = words[record + FREE]! >>> 16
    const bump = words[record + FREE]! & 0xffff
    const step = CLASS_LENGTHS[kind]! / UNIT
    const first = this.#firstUnit(chunk)
    let place: number
    if (free !== NONE) {
      place = free
      words[record + FREE] = (halves[(first + free) * 4]! << 16) | bump
    } else {
      place = bump
      words[record + FREE] = (NONE << 16) | (bump + step)
    }
    words[record + USE] = words[record + USE]! + 1
    if (this.#isFull(record, step)) this.#unlink(list, chunk)
    return first + place
  }

  #put(unit: number, kind: number): void {
    const { words, halves } = this.#memory
    const list = this.#places.stateAt + CLASS_LISTS + kind
    const chunk = Math.floor((unit - this.#places.chunksAt / UNIT) / UNITS_A_CHUNK) + 1
    const record = this.#record(chunk)
    if (this.#isFull(record, CLASS_LENGTHS[kind]! / UNIT)) this.#link(list, chunk)
    halves[unit * 4] = words[record + FREE]! >>> 16
    words[record + FREE] = ((unit - this.#firstUnit(chunk)) << 16) | (words[record + FREE]! & 0xffff)
    words[record + USE] = words[record + USE]! - 1
    const isEmpty = (words[record + USE]! & 0xffff) === 0
    const isOnlyOne = words[list] === chunk && words[record + NEXT] === 0
    if (isEmpty && !isOnlyOne) this.#closeChunk(list, chunk)
  }

  #openChunk(kind: number): number {
    const state = this.#places.stateAt
    let chunk = this.#memory.words[state + FREE_CHUNKS]!
    if (chunk !== 0) {
      const { words } = this.#memory
      words[state + FREE_CHUNKS] = words[this.#record(chunk) + NEXT]!
      words[state + FREE_COUNT] = words[state + FREE_COUNT]! - 1
    } else {
      chunk = this.#memory.words[state + CHUNK_COUNT]! + 1
      if (chunk > this.#places.maxChunks) return 0
      const end = this.#places.chunksAt + chunk * CHUNK_LENGTH
      while (end > this.#memory.words.byteLength) if (!this.#memory.grow()) return 0
      this.#memory.words[state + CHUNK_COUNT] = chunk
    }
    const record = this.#record(chunk)
    this.#memory.words[record + USE] = kind << 16
    this.#memory.words[record + FREE] = NONE << 16
    return chunk
  }

  #closeChunk(list: number, chunk: number): void {
    this.#unlink(list, chunk)
    const { words } = this.#memory
    const state = this.#places.stateAt
    words[this.#record(chunk) + NEXT] = words[state + FREE_CHUNKS]!
    words[state + FREE_CHUNKS] = chunk
    words[state + FREE_COUNT] = words[state + FREE_COUNT]! + 1
  }

  #isFull(record: number, step: number): boolean {
    const free = this.#memory.words[record + FREE]!
    return free >>> 16 === NONE && (free & 0xffff) + step > UNITS_A_CHUNK
  }

  #link(list: number, chunk: number): void {
    const { words } = this.#memory
    const record = this.#record(chunk)
    const next = words[list]!
    words[record + NEXT] = next
    words[record + PREVIOUS] = 0
    if (next !== 0) words[this.#record(next) + PREVIOUS] = chunk
    words[list] = chunk
  }

  #unlink(list: number, chunk: number): void {
    const { words } = this.#memory
    const record = this.#record(chunk)
    const next = words[record + NEXT]!
    const previous = words[record + PREVIOUS]!
    if (next !== 0) words[this.#record(next) + PREVIOUS] = previous
    if (previous !== 0) words[this.#record(previous) + NEXT] = next
    else words[list] = next
  }

  /** Chunks are numbered from 1. */
  #record(chunk: number): number {
    return this.#places.recordsAt + (chunk - 1) * CHUNK_RECORD_WORDS
  }

  #firstUnit(chunk: number): number {
    return this.#places.chunksAt / UNIT + (chunk - 1) * UNITS_A_CHUNK
  }
}

function classOf(length: number): number {
  return CLASS_OF_UNITS[Math.ceil(length / UNIT)]!
}

function classLengths(): readonly number[] {
  const lengths: number[] = []
  for (let length = 16; length < 128; length += UNIT) lengths.push(length)
  for (let base = 128; base < CHUNK_LENGTH; base *= 2) {
    for (let quarter = 4; quarter < 8; quarter++) lengths.push((base * quarter) / 4)
  }
  lengths.push(CHUNK_LENGTH)
  return lengths
}

function classOfUnits(): Uint8Array {
  const classes = new Uint8Array(CHUNK_LENGTH / UNIT + 1)
  let kind = 0
  for (let units = 0; units < classes.length; units++) {
    if (units * UNIT > CLASS_LENGTHS[kind]!) kind++
    classes[units] = kind
  }
  return classes
}
