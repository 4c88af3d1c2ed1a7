import { BLOCK_LENGTH } from '../../src/metainfo/geometry.ts'
import { ExtentPool } from '../../src/swarm/extent-pool.ts'
import type { PieceAssembly } from '../../src/swarm/piece-assembly.ts'

/** A pool on plain memory. */
export function extentPool(extents: number): ExtentPool {
  const memory = { allocate: (length: number) => new Uint8Array(length) }
  return new ExtentPool({ memory, budget: extents * 262_144 })
}

/** The content of a block as every honest peer has it. */
export function blockBytes(piece: number, block: number, length = BLOCK_LENGTH): Uint8Array {
  return new Uint8Array(length).fill(1 + ((piece * 31 + block) % 255))
}

/** Sends a whole block into an assembly, in two fragments. */
export function deliver(
  assembly: PieceAssembly,
  piece: number,
  block: number,
  source: object,
  content: Uint8Array = blockBytes(piece, block),
): 'partial' | 'whole' | 'duplicate' | 'refused' {
  const place = assembly.place(piece, block * BLOCK_LENGTH, content.length, source)
  if (!place) return 'refused'
  place.write(content.subarray(0, 1000))
  place.write(content.subarray(1000))
  return assembly.arrived(piece, block * BLOCK_LENGTH, source)
}
