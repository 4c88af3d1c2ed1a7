/** Collects the bytes of one answer in memory that is used again for the next. */
export class AnswerWriter {
  #bytes = new Uint8Array(4096)
  #length = 0

  clear(): this {
    this.#length = 0
    return this
  }

  /** Characters below U+0100. */
  text(text: string): this {
    this.#reserve(text.length)
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length + i] = text.charCodeAt(i)
    this.#length += text.length
    return this
  }

  /** The first `length` bytes. */
  bytes(bytes: Uint8Array, length = bytes.length): this {
    this.#reserve(length)
    this.#bytes.set(length === bytes.length ? bytes : bytes.subarray(0, length), this.#length)
    this.#length += length
    return this
  }

  /** Valid until the writer is used again. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Bounded by the largest answer, whose parts all have bounds. */
  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const longer = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more))
    longer.set(this.#bytes)
    this.#bytes = longer
  }
}
