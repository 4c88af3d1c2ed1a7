import { concatBytes } from '../core/bytes.ts'
import type { StorageError } from '../core/errors.ts'
import type { StateFiles } from './state-files.ts'

interface MemoryFile {
  bytes: Uint8Array
  /** So many of them survive a power cut. */
  syncedLength: number
}

/** State files of a make-believe disk that can lose its power. For tests and simulations. */
export class MemoryStateFiles implements StateFiles {
  readonly files = new Map<string, MemoryFile>()
  /** Thrown by every change, until it is set to null. An append writes half of its bytes first. */
  fault: StorageError | null = null

  async read(path: string): Promise<Uint8Array | null> {
    return this.files.get(path)?.bytes.slice() ?? null
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    if (this.fault) throw this.fault
    this.files.set(path, { bytes: bytes.slice(), syncedLength: bytes.length })
  }

  async append(path: string, bytes: Uint8Array, options: { isSynced?: boolean } = {}): Promise<void> {
    const file = this.files.get(path) ?? { bytes: new Uint8Array(0), syncedLength: 0 }
    this.files.set(path, file)
    if (this.fault) {
      file.bytes = concatBytes([file.bytes, bytes.subarray(0, bytes.length >> 1)])
      throw this.fault
    }
    file.bytes = concatBytes([file.bytes, bytes])
    if (options.isSynced) file.syncedLength = file.bytes.length
  }

  async remove(path: string): Promise<void> {
    for (const name of [...this.files.keys()]) {
      if (name === path || name.startsWith(`${path}/`)) this.files.delete(name)
    }
  }

  async list(folder: string): Promise<string[]> {
    const names = new Set<string>()
    for (const name of this.files.keys()) {
      const [first] = name.startsWith(`${folder}/`) ? name.slice(folder.length + 1).split('/') : []
      if (first) names.add(first)
    }
    return [...names].sort()
  }

  /** The power goes: of what was not synced, each file keeps as many bytes as `kept` says. */
  cutPower(kept: (unsyncedLength: number) => number): void {
    for (const file of this.files.values()) {
      const unsynced = file.bytes.length - file.syncedLength
      file.bytes = file.bytes.slice(0, file.syncedLength + Math.min(unsynced, kept(unsynced)))
      file.syncedLength = file.bytes.length
    }
  }
}
