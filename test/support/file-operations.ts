import fs, { type BigIntStats } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename, dirname } from 'node:path'

/** Names a file or folder for all its life, under whatever names. */
export type NodeId = number

/** Which name of which folder means what from now on; null: nothing any more. */
export interface Naming {
  readonly folder: NodeId
  readonly name: string
  readonly node: NodeId | null
}

/** What a program asked a disk to do; enough to tell what a power cut may leave of it. */
export type FileOperation =
  | { readonly kind: 'name'; readonly namings: readonly Naming[] }
  | { readonly kind: 'write'; readonly node: NodeId; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly node: NodeId; readonly length: number }
  /** Of a file: its bytes. Of a folder: its names. */
  | { readonly kind: 'sync'; readonly node: NodeId }

interface Open {
  readonly node: NodeId
  readonly isAppending: boolean
}

/** Of the folder that is recorded. */
export const ROOT: NodeId = 0

/**
 * Notes every change that this thread makes below a folder by the synchronous calls of `node:fs`, while they happen, until
 * it is disposed of. Calls that it does not know to note are not made by the storage workers.
 */
export class FileOperations {
  readonly list: FileOperation[] = []
  readonly isFolder = new Set<NodeId>([ROOT])
  /** What a file looked like after its last change, by node, as of each operation: read with `lookAfter`. */
  readonly #looks: { readonly at: number; readonly node: NodeId; readonly look: BigIntStats }[] = []
  readonly #root: string
  readonly #nodes = new Map<string, NodeId>()
  readonly #open = new Map<number, Open>()
  readonly #original = { ...fs }
  #replaced: Partial<typeof fs> = {}
  #nodeCount = 1

  constructor(root: string) {
    this.#root = root
    this.#nodes.set(root, ROOT)
    this.#patch()
  }

  [Symbol.dispose](): void {
    Object.assign(fs, this.#replaced)
    syncBuiltinESMExports()
  }

  /** Inode and time of a file when so many operations were done; null where it was never changed. */
  lookAfter(count: number, node: NodeId): BigIntStats | null {
    return this.#looks.findLast(look => look.at <= count && look.node === node)?.look ?? null
  }

  #patch(): void {
    const original = this.#original
    const patched: Partial<typeof fs> = {
      openSync: (path, flags, mode) => this.#opened(String(path), flags, mode),
      closeSync: fd => {
        this.#open.delete(fd)
        original.closeSync(fd)
      },
      mkdirSync: ((path: string, options?: fs.MakeDirectoryOptions) => {
        const made = original.mkdirSync(path, options)
        if (this.#isInside(path)) this.#name([[path, this.#newNode(path, true)]])
        return made
      }) as typeof fs.mkdirSync,
      writevSync: (fd, buffers, position) => {
        const length = original.writevSync(fd, buffers, position)
        const bytes = Buffer.concat(
          buffers.map(view => Buffer.from(view.buffer, view.byteOffset, view.byteLength)),
        )
        this.#wrote(fd, position ?? 0, bytes.subarray(0, length))
        return length
      },
      writeFileSync: (fd, data, options) => {
        if (typeof fd !== 'number') return original.writeFileSync(fd, data, options)
        const offset = original.fstatSync(fd).size
        original.writeFileSync(fd, data, options)
        this.#wrote(fd, offset, Buffer.from(data as Uint8Array))
      },
      ftruncateSync: (fd, length) => {
        original.ftruncateSync(fd, length)
        const open = this.#open.get(fd)
        if (open) this.#changed(fd, { kind: 'truncate', node: open.node, length: length ?? 0 })
      },
      fsyncSync: fd => this.#synced(fd, original.fsyncSync),
      fdatasyncSync: fd => this.#synced(fd, original.fdatasyncSync),
      renameSync: (from, to) => {
        original.renameSync(from, to)
        this.#renamed(String(from), String(to))
      },
      linkSync: (from, to) => {
        original.linkSync(from, to)
        const node = this.#nodes.get(String(from))
        if (node === undefined) return
        this.#nodes.set(String(to), node)
        this.#name([[String(to), node]])
      },
      unlinkSync: path => {
        original.unlinkSync(path)
        this.#removed(String(path))
      },
      rmdirSync: path => {
        original.rmdirSync(path)
        this.#removed(String(path))
      },
      rmSync: (path, options) => {
        original.rmSync(path, options)
        for (const below of [...this.#nodes.keys()])
          if (below === path || below.startsWith(`${String(path)}/`)) this.#removed(below)
      },
    }
    const names = Object.keys(patched) as (keyof typeof fs)[]
    this.#replaced = Object.fromEntries(names.map(name => [name, original[name]]))
    Object.assign(fs, patched)
    syncBuiltinESMExports()
  }

  #opened(path: string, flags: fs.OpenMode | undefined, mode: fs.Mode | null | undefined): number {
    const wasThere = this.#original.existsSync(path)
    const fd = this.#original.openSync(path, flags ?? 'r', mode)
    if (!this.#isInside(path)) return fd
    const known = this.#nodes.get(path)
    const node = known ?? this.#newNode(path, false)
    this.#open.set(fd, { node, isAppending: flags === 'a' })
    if (!wasThere) this.#name([[path, node]])
    if (wasThere && flags === 'w') this.#changed(fd, { kind: 'truncate', node, length: 0 })
    return fd
  }

  #wrote(fd: number, offset: number, bytes: Uint8Array): void {
    const open = this.#open.get(fd)
    if (open) this.#changed(fd, { kind: 'write', node: open.node, offset, bytes: Uint8Array.from(bytes) })
  }

  #changed(fd: number, operation: FileOperation & { node: NodeId }): void {
    this.list.push(operation)
    const look = this.#original.fstatSync(fd, { bigint: true })
    this.#looks.push({ at: this.list.length, node: operation.node, look })
  }

  #synced(fd: number, sync: (fd: number) => void): void {
    sync(fd)
    const open = this.#open.get(fd)
    if (open) this.list.push({ kind: 'sync', node: open.node })
  }

  #renamed(from: string, to: string): void {
    const moved = [...this.#nodes].filter(([path]) => path === from || path.startsWith(`${from}/`))
    const node = this.#nodes.get(from)
    for (const [path] of moved) this.#nodes.delete(path)
    for (const [path, id] of moved) this.#nodes.set(to + path.slice(from.length), id)
    if (node !== undefined)
      this.#name([
        [from, null],
        [to, node],
      ])
  }

  #removed(path: string): void {
    if (!this.#nodes.delete(path)) return
    this.#name([[path, null]])
  }

  /** All of them at once. */
  #name(names: readonly (readonly [path: string, node: NodeId | null])[]): void {
    const namings = names.map(([path, node]) => {
      const folder = this.#nodes.get(dirname(path))
      if (folder === undefined) throw new Error(`${path} is in a folder that was not seen being made`)
      return { folder, name: basename(path), node }
    })
    this.list.push({ kind: 'name', namings })
  }

  #newNode(path: string, isFolder: boolean): NodeId {
    const node = this.#nodeCount++
    this.#nodes.set(path, node)
    if (isFolder) this.isFolder.add(node)
    return node
  }

  #isInside(path: string): boolean {
    return path.startsWith(`${this.#root}/`) || path === this.#root
  }
}
