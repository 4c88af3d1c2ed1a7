import type { DiskFolder } from './disk-folder.ts'
import type { FileSpans } from './file-spans.ts'
import type { DiskSpan } from './jobs.ts'

/**
 * The hidden file that keeps the bytes of unwanted files which share a piece with wanted ones, so that those pieces
 * can be verified and served while no unwanted file is made or changed. It is made when first needed.
 */
export class PartFile {
  readonly #folder: DiskFolder
  readonly #spans: FileSpans
  /** There once the file has its head. */
  #made: Promise<void> | null = null

  constructor(folder: DiskFolder, spans: FileSpans) {
    this.#folder = folder
    this.#spans = spans
  }

  /**
   * Finds out what is kept. Bytes of files that are wanted by now go where they belong, and a part file that has
   * nothing left to keep is removed. Not while anything is read or written. True where files were written to. Where it
   * rejects, all is kept as before.
   */
  async open(): Promise<boolean> {
    const { partPath, partLayout } = this.#spans
    if (partLayout.stretches.length === 0) return false
    const [state] = await this.#folder.look([partPath])
    if (!state) {
      this.#keeps([])
      return false
    }
    const found = await this.#readHead(state.length)
    const moved = await this.#moveOut(found, state.length)
    const left = [...found].filter(stretch => !moved.includes(stretch))
    // A mark goes when its bytes are safe where they were put: after a crash they are moved once more.
    if (moved.length > 0) await this.#folder.sync()
    if (left.length === 0) await this.#folder.remove([partPath])
    else if (moved.length > 0) await this.#writeHead(new Set(left))
    this.#keeps(left)
    return moved.length > 0
  }

  #keeps(stretches: readonly number[]): void {
    const { kept } = this.#spans
    kept.clear()
    for (const stretch of stretches) kept.add(stretch)
    this.#made = stretches.length === 0 ? null : Promise.resolve()
  }

  /** Writes spans of which some lie in the part file: these `stretches`. */
  async write(
    spans: readonly DiskSpan[],
    parts: readonly Uint8Array[],
    stretches: readonly number[],
  ): Promise<void> {
    this.#made ??= this.#make()
    await this.#made
    const { partPath, partLayout, kept } = this.#spans
    const marks = stretches.map(stretch => ({
      path: partPath,
      offset: partLayout.markOf(stretch),
      length: 1,
    }))
    await this.#folder.write([...spans, ...marks], [...parts, ...stretches.map(() => KEPT)])
    for (const stretch of stretches) kept.add(stretch)
  }

  async #make(): Promise<void> {
    try {
      await this.#writeHead(this.#spans.kept)
    } catch (error) {
      this.#made = null
      throw error
    }
  }

  async #writeHead(kept: ReadonlySet<number>): Promise<void> {
    const { partPath, partLayout } = this.#spans
    const head = shared(partLayout.headLength)
    head.set(partLayout.encodeHead(kept))
    await this.#folder.write([{ path: partPath, offset: 0, length: head.length, mayCreate: true }], [head])
  }

  async #readHead(length: number): Promise<ReadonlySet<number>> {
    const { partPath, partLayout } = this.#spans
    if (length < partLayout.headLength) return new Set()
    const head = shared(partLayout.headLength)
    await this.#folder.read([{ path: partPath, offset: 0, length: head.length }], [head])
    return partLayout.decodeHead(head)
  }

  /** Returns the stretches that were moved. What was kept only in part is moved as it is: hashes will judge it. */
  async #moveOut(found: ReadonlySet<number>, partLength: number): Promise<number[]> {
    const moved: number[] = []
    for (const stretch of found) {
      const move = this.#spans.moveOut(stretch)
      if (move === null) continue
      moved.push(stretch)
      // The part file may end before the stretch does: the rest never came.
      const length = Math.min(move.from.length, partLength - move.from.offset)
      if (length <= 0) continue
      const bytes = shared(length)
      await this.#folder.read([{ ...move.from, length }], [bytes])
      await this.#folder.write([{ ...move.to, length }], [bytes])
      this.#spans.written([move.to])
    }
    return moved
  }
}

/** A mark that says "kept". */
const KEPT = shared(1).fill(1)

function shared(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length))
}
