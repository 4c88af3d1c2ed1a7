import type { ExtentMemory } from '../core/ports.ts'

/** Memory that workers see too. */
export const sharedExtentMemory: ExtentMemory = {
  allocate: length => new Uint8Array(new SharedArrayBuffer(length)),
}
