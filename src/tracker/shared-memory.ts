/**
 * Memory that all threads of a tracker share: one SharedArrayBuffer that grows in small steps up to its limit. A step
 * taken by one thread is there for all at once. What was never touched costs no memory.
 */

/** What one growth adds. */
export const GROWTH_STEP = 1 << 20

/**
 * Views of the memory, of fixed length, because those that follow the growth are slower. Call `see` after entering a
 * lock and before using them.
 */
export class SharedMemory {
  readonly buffer: SharedArrayBuffer
  /** Unsigned 16 bits, in the machine's byte order: for copying and comparing, not for reading numbers off the wire. */
  halves: Uint16Array
  words: Uint32Array

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.halves = new Uint16Array(buffer, 0, buffer.byteLength >>> 1)
    this.words = new Uint32Array(buffer, 0, buffer.byteLength >>> 2)
  }

  static allocate(length: number, maxLength: number): SharedMemory {
    return new SharedMemory(new SharedArrayBuffer(length, { maxByteLength: Math.max(length, maxLength) }))
  }

  /** Brings the views up to what other threads have added. */
  see(): void {
    const length = this.buffer.byteLength
    if (length === this.words.byteLength) return
    this.halves = new Uint16Array(this.buffer, 0, length >>> 1)
    this.words = new Uint32Array(this.buffer, 0, length >>> 2)
  }

  /** Adds a step; false at the limit. Only one thread at a time may call it. */
  grow(): boolean {
    const length = this.buffer.byteLength + GROWTH_STEP
    if (length > this.buffer.maxByteLength) return false
    this.buffer.grow(length)
    this.see()
    return true
  }
}
