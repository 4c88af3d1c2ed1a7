/**
 * Parts go to workers by reference. Memory that is not shared would be copied on its way, and what a worker reads
 * from disk would fill the copy: better to fail at once.
 */
export function requireShared(parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    if (!(part.buffer instanceof SharedArrayBuffer)) {
      throw new TypeError('parts must be views on SharedArrayBuffers: workers fill and read them in place')
    }
  }
}

/** Cuts `parts`, seen as one stretch, into views of it: for code that walks along them. */
export class PartsCursor {
  readonly #parts: readonly Uint8Array[]
  #part = 0
  #at = 0

  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts
  }

  /** The next `length` bytes, in as many views as it takes. */
  take(length: number): Uint8Array[] {
    const views: Uint8Array[] = []
    let left = length
    while (left > 0) {
      const part = this.#parts[this.#part]
      if (part === undefined) throw new RangeError('the parts are shorter than the range')
      const taken = Math.min(left, part.length - this.#at)
      if (taken > 0) views.push(part.subarray(this.#at, this.#at + taken))
      this.#at += taken
      left -= taken
      if (this.#at === part.length) {
        this.#part++
        this.#at = 0
      }
    }
    return views
  }
}

export function lengthOfParts(parts: readonly Uint8Array[]): number {
  let length = 0
  for (const part of parts) length += part.length
  return length
}
