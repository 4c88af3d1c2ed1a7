import type { BlockRef } from './block.ts'

/** Neighbouring blocks of one piece, which one read and one write can answer. */
export interface UploadRun {
  readonly piece: number
  readonly begin: number
  /** Lengths of the blocks, in order; they join without gaps. */
  readonly lengths: readonly number[]
  readonly length: number
}

/**
 * What a peer has asked of us and has not got: first come, first served. Bounded by the number of requests that
 * we told the peer we would hold (`reqq`).
 */
export class UploadQueue {
  readonly #limit: number
  #waiting: BlockRef[] = []
  #head = 0

  constructor(options: { limit: number }) {
    this.#limit = options.limit
  }

  get size(): number {
    return this.#waiting.length - this.#head
  }

  /** False when the queue is full: the request is to be rejected. */
  add(request: BlockRef): boolean {
    if (this.size >= this.#limit) return false
    this.#waiting.push(request)
    return true
  }

  /** Forgets a request; false where it was not waiting (never asked, or being answered already). */
  cancel(piece: number, begin: number, length: number): boolean {
    for (let i = this.#head; i < this.#waiting.length; i++) {
      const waiting = this.#waiting[i]!
      if (waiting.piece === piece && waiting.begin === begin && waiting.length === length) {
        this.#waiting.splice(i, 1)
        return true
      }
    }
    return false
  }

  /** Forgets all requests for a piece and returns them: it cannot be served any more. */
  cancelPiece(piece: number): BlockRef[] {
    const waiting = this.clear()
    this.#waiting = waiting.filter(request => request.piece !== piece)
    return waiting.filter(request => request.piece === piece)
  }

  /**
   * The next request and those behind it that go on where it ends: at most `blocks`, and at most `bytes` but for the
   * first. Null where none waits. They wait on until `takeRun`.
   */
  nextRun(blocks: number, bytes: number): UploadRun | null {
    const first = this.#waiting[this.#head]
    if (!first) return null
    const { piece, begin } = first
    const lengths: number[] = []
    let length = 0
    while (lengths.length < blocks) {
      const next = this.#waiting[this.#head + lengths.length]
      if (!next || next.piece !== piece || next.begin !== begin + length) break
      if (lengths.length > 0 && length + next.length > bytes) break
      lengths.push(next.length)
      length += next.length
    }
    return { piece, begin, lengths, length }
  }

  /** Takes what `nextRun` names: it is being answered now. */
  takeRun(blocks: number, bytes: number): UploadRun | null {
    const run = this.nextRun(blocks, bytes)
    if (!run) return null
    this.#head += run.lengths.length
    this.#compact()
    return run
  }

  /** Forgets all that waits and returns it. */
  clear(): BlockRef[] {
    const waiting = this.#waiting.slice(this.#head)
    this.#waiting = []
    this.#head = 0
    return waiting
  }

  /** Taking from the front only moves the head; the array is cut when half of it is behind. */
  #compact(): void {
    if (this.#head === this.#waiting.length) {
      this.#waiting = []
      this.#head = 0
    } else if (this.#head > 256 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#head = 0
    }
  }
}
