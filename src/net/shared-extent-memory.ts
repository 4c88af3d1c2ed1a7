import type { ExtentMemory } from '../core/ports.ts'

/** Memory that workers see too. */
export const sharedExtentMemory: ExtentMemory = {
  allocate: length => new Uint8Array(new SharedArrayBuffer(length)),
  // `Uint8Array.set` would cost five times as much; see the port.
  copy: (source, target, at) => {
    Buffer.prototype.copy.call(source, target, at)
  },
}
