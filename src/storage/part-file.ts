import type { DiskFolder } from './disk-folder.ts'
import type { FileSpans } from './file-spans.ts'
import type { DiskSpan } from './jobs.ts'

/** Says "something is kept of this piece". */
const MARK = new Uint8Array(new SharedArrayBuffer(1)).fill(1)

/**
 * The hidden file that keeps the bytes of unwanted files which share a piece with wanted ones, so that those pieces
 * can be verified and served while no unwanted file is made or changed. It is made when first needed.
 */
export class PartFile {
  readonly #folder: DiskFolder
  readonly #spans: FileSpans
  #made: Promise<void> | null = null

  constructor(folder: DiskFolder, spans: FileSpans) {
    this.#folder = folder
    this.#spans = spans
  }

  /**
   * Finds out what is kept. Bytes of files that are wanted by now go where they belong, and a part file that keeps
   * nothing for unwanted files any more is removed.
   */
  async open(): Promise<void> {
    const { partPath, partLayout, kept } = this.#spans
    kept.clear()
    this.#made = null
    if (partLayout.pieces.length === 0) return
    const [state] = await this.#folder.look([partPath])
    if (!state) return
    const pieces = await this.#readHead(state.length)
    for (const piece of pieces) await this.#import(piece)
    const needed = [...pieces].filter(piece => this.#spans.hasUnwanted(piece))
    if (needed.length === 0) {
      await this.#folder.sync()
      await this.#folder.remove([partPath])
      return
    }
    for (const piece of needed) kept.add(piece)
    this.#made = Promise.resolve()
  }

  /** Writes spans of which some lie in the part file. */
  async write(piece: number, spans: readonly DiskSpan[], parts: readonly Uint8Array[]): Promise<void> {
    this.#made ??= this.#make()
    await this.#made
    const mark = { path: this.#spans.partPath, offset: this.#spans.partLayout.markOf(piece), length: 1 }
    await this.#folder.write([...spans, mark], [...parts, MARK])
    this.#spans.kept.add(piece)
  }

  async #make(): Promise<void> {
    const { partPath, partLayout, kept } = this.#spans
    const head = shared(partLayout.headLength)
    partLayout.writeHead(head, kept)
    try {
      await this.#folder.write([{ path: partPath, offset: 0, length: head.length, mayCreate: true }], [head])
    } catch (error) {
      this.#made = null
      throw error
    }
  }

  async #readHead(length: number): Promise<ReadonlySet<number>> {
    const { partPath, partLayout } = this.#spans
    if (length < partLayout.headLength) return new Set()
    const head = shared(partLayout.headLength)
    await this.#folder.read([{ path: partPath, offset: 0, length: head.length }], [head])
    return partLayout.readHead(head.slice()) ?? new Set()
  }

  /** What was only partly kept is copied as it is: pieces are hashed before they count. */
  async #import(piece: number): Promise<void> {
    for (const { from, to } of this.#spans.toImport(piece)) {
      const bytes = shared(from.length)
      try {
        await this.#folder.read([from], [bytes])
      } catch {
        continue // The part file ends before it: nothing was kept of these bytes.
      }
      await this.#folder.write([to], [bytes])
    }
  }
}

function shared(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length))
}
