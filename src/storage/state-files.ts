import type { FileSystem } from '../core/ports.ts'

/** Small whole files that state lives in. Rejects with `StorageError`. */
export interface StateFiles extends FileSystem {
  /** `isSynced`: settles only when the bytes (and what was appended before) are on the disk itself. */
  append(path: string, bytes: Uint8Array, options?: { readonly isSynced?: boolean }): Promise<void>
}
