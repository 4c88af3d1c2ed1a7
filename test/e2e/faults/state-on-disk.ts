import { readFileSync } from 'node:fs'
import type { StateFiles } from '../../../src/storage/state-files.ts'

/** State as it lies on disk, which nobody may change. */
export class StateOnDisk implements StateFiles {
  async read(path: string): Promise<Uint8Array | null> {
    try {
      return readFileSync(path)
    } catch {
      return null
    }
  }

  async replace(): Promise<void> {}
  async append(): Promise<void> {}
  async remove(): Promise<void> {}

  async list(): Promise<string[]> {
    return []
  }
}
