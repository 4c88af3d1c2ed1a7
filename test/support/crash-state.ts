import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dice } from '../../src/core/ports.ts'
import { type FileOperation, type FileOperations, type Naming, type NodeId, ROOT } from './file-operations.ts'

/** What the disk keeps of the changes that were not synced when the power goes. */
export type Keeping =
  /** None of them, all, or those up to a moment, names and bytes alike. */
  | 'nothing'
  | 'everything'
  /** Names in the order in which they were given, as a journal keeps them; bytes page by page, as chance has it. */
  | 'names-in-order'
  /** Names and bytes as chance has it: all that POSIX allows. */
  | 'anything'

export const KEEPINGS: readonly Keeping[] = ['nothing', 'everything', 'names-in-order', 'anything']

/** What the system writes at once, and a disk at least. */
const PAGE = 4096
const SECTOR = 512

type Change = FileOperation & { kind: 'write' | 'truncate' }

interface Blob {
  durable: Uint8Array
  pending: Change[]
}

/** A file that a crash left, for whoever has to know what it looks like. */
export interface LeftFile {
  readonly path: string
  readonly node: NodeId
  readonly length: number
}

/**
 * A state that a power cut may leave: the first `count` operations happened, those that were synced are there, and of the
 * others what `keeping` says. Written below `folder`, which must be empty; returns its files.
 */
export function leaveCrashState(
  operations: FileOperations,
  options: { count: number; keeping: Keeping; dice: Dice; folder: string },
): LeftFile[] {
  const disk = new CrashedDisk(options.dice)
  for (const operation of operations.list.slice(0, options.count)) disk.apply(operation)
  return disk.leave(options.keeping, operations.isFolder, options.folder)
}

class CrashedDisk {
  readonly #dice: Dice
  readonly #blobs = new Map<NodeId, Blob>()
  readonly #names = new Map<NodeId, Map<string, NodeId>>()
  #pendingNames: (readonly Naming[])[] = []

  constructor(dice: Dice) {
    this.#dice = dice
  }

  apply(operation: FileOperation): void {
    switch (operation.kind) {
      case 'name':
        this.#pendingNames.push(operation.namings)
        break
      case 'sync':
        this.#sync(operation.node)
        break
      default:
        this.#blob(operation.node).pending.push(operation)
    }
  }

  leave(keeping: Keeping, isFolder: ReadonlySet<NodeId>, folder: string): LeftFile[] {
    this.#keepNames(keeping)
    const left: LeftFile[] = []
    const written = new Map<NodeId, { at: string; length: number }>()
    const write = (node: NodeId, path: string, below: string): void => {
      for (const [name, child] of this.#names.get(node) ?? []) {
        const at = join(path, name)
        const inner = below === '' ? name : `${below}/${name}`
        if (isFolder.has(child)) {
          mkdirSync(at)
          write(child, at, inner)
        } else if (written.has(child)) {
          const first = written.get(child)!
          linkSync(first.at, at)
          left.push({ path: inner, node: child, length: first.length })
        } else {
          const bytes = this.#bytesLeft(child, keeping)
          writeFileSync(at, bytes)
          written.set(child, { at, length: bytes.length })
          left.push({ path: inner, node: child, length: bytes.length })
        }
      }
    }
    write(ROOT, folder, '')
    return left
  }

  #sync(node: NodeId): void {
    const blob = this.#blobs.get(node)
    if (blob) {
      for (const change of blob.pending) blob.durable = changed(blob.durable, change)
      blob.pending = []
    }
    const rest: (readonly Naming[])[] = []
    for (const namings of this.#pendingNames)
      if (namings.some(({ folder }) => folder === node)) this.#name(namings)
      else rest.push(namings)
    this.#pendingNames = rest
  }

  #keepNames(keeping: Keeping): void {
    const pending = this.#pendingNames
    const kept =
      keeping === 'nothing' ? 0 : keeping === 'everything' ? pending.length : this.#upTo(pending.length)
    const dropped = new Set<string>()
    for (const [at, namings] of pending.entries()) {
      const keys = namings.map(({ folder, name }) => `${folder}/${name}`)
      const isKept =
        keeping === 'anything' ? this.#dice.below(2) === 0 && !keys.some(key => dropped.has(key)) : at < kept
      if (isKept) this.#name(namings)
      else for (const key of keys) dropped.add(key)
    }
  }

  #name(namings: readonly Naming[]): void {
    for (const { folder, name, node } of namings) {
      const names = this.#names.get(folder) ?? new Map<string, NodeId>()
      this.#names.set(folder, names)
      if (node === null) names.delete(name)
      else names.set(name, node)
    }
  }

  #bytesLeft(node: NodeId, keeping: Keeping): Uint8Array {
    const { durable, pending } = this.#blob(node)
    if (keeping === 'nothing') return durable
    if (keeping === 'everything') return pending.reduce(changed, durable)
    // The length is kept by itself, of some moment; what lies in it, page by page.
    const length = pending.slice(0, this.#upTo(pending.length)).reduce(lengthAfter, durable.length)
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += PAGE) {
      const page = this.#pageLeft(at, durable, pending)
      bytes.set(page.subarray(0, Math.min(PAGE, length - at)), at)
    }
    return bytes
  }

  /** As of some moment; its first sectors perhaps of another. A page that never got anything has what lay there before. */
  #pageLeft(at: number, durable: Uint8Array, pending: readonly Change[]): Uint8Array {
    const touching = pending.filter(change => touches(change, at))
    const [early, late] = [this.#upTo(touching.length), this.#upTo(touching.length)].sort((a, b) => a - b)
    if (late === 0 && at >= durable.length)
      return new Uint8Array(PAGE).fill(this.#dice.below(2) === 0 ? 0 : 0xa5)
    const version = (count = 0): Uint8Array =>
      touching
        .slice(0, count)
        .reduce(changed, durable.slice(0, at + PAGE))
        .slice(at, at + PAGE)
    const page = new Uint8Array(PAGE)
    page.set(version(late))
    if (this.#dice.below(4) === 0) {
      const torn = SECTOR * this.#upTo(PAGE / SECTOR)
      page.fill(0, torn)
      page.set(version(early).subarray(torn), torn)
    }
    return page
  }

  #blob(node: NodeId): Blob {
    const blob = this.#blobs.get(node) ?? { durable: new Uint8Array(0), pending: [] }
    this.#blobs.set(node, blob)
    return blob
  }

  #upTo(count: number): number {
    return this.#dice.below(count + 1)
  }
}

function lengthAfter(length: number, change: Change): number {
  return change.kind === 'truncate' ? change.length : Math.max(length, change.offset + change.bytes.length)
}

function touches(change: Change, page: number): boolean {
  if (change.kind === 'truncate') return true
  return change.offset < page + PAGE && change.offset + change.bytes.length > page
}

function changed(bytes: Uint8Array, change: Change): Uint8Array {
  const result = new Uint8Array(lengthAfter(bytes.length, change))
  result.set(bytes.subarray(0, result.length))
  if (change.kind === 'write') result.set(change.bytes, change.offset)
  return result
}
