import type { BlockRef } from './block.ts'

/** Copies all of `source` to `at` in `target`. */
export type CopyBytes = (source: Uint8Array, target: Uint8Array, at: number) => void

const setBytes: CopyBytes = (source, target, at) => target.set(source, at)

/**
 * Where one block from one source is put, fragment by fragment. It stops taking anything once it is revoked (the block
 * came from someone else, or the piece is gone), so that a late writer never touches memory that means something else.
 */
export class BlockPlace implements BlockRef {
  readonly piece: number
  readonly begin: number
  readonly length: number
  /** Who sends it. */
  readonly source: object
  #target: Uint8Array | null
  readonly #copy: CopyBytes
  #at = 0

  constructor(block: BlockRef, source: object, target: Uint8Array, copy: CopyBytes = setBytes) {
    this.piece = block.piece
    this.begin = block.begin
    this.length = block.length
    this.source = source
    this.#target = target
    this.#copy = copy
  }

  /** Copies the next bytes of the block. */
  write(bytes: Uint8Array): void {
    if (this.#target) this.#copy(bytes, this.#target, this.#at)
    this.#at += bytes.length
  }

  /** All its bytes came, and they are where they belong. */
  get isWhole(): boolean {
    return this.#target !== null && this.#at === this.length
  }

  /** What was written; null once revoked. */
  get bytes(): Uint8Array | null {
    return this.#target
  }

  revoke(): void {
    this.#target = null
  }
}
