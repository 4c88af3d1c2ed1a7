import { Bitfield } from '../core/bitfield.ts'
import { BLOCK_LENGTH } from '../metainfo/geometry.ts'
import type { Info } from '../metainfo/info.ts'
import type { ResumeLog } from '../storage/resume-log.ts'
import type { FileState } from '../storage/torrent-storage.ts'

/**
 * Blocks of partial pieces that an earlier session left on disk, of pieces that are not had. Those whose file is gone
 * or changed are of no use: the log forgets them. Bounded by what the log remembers.
 */
export function takeSpilled(o: {
  info: Info
  resume: ResumeLog | null
  files: readonly FileState[]
  have: Bitfield
  isWanted: (file: number) => boolean
}): ReadonlyMap<number, Bitfield> {
  const taken = new Map<number, Bitfield>()
  const restored = o.resume?.restored
  if (!restored) return taken
  const { files, geometry } = o.info
  const isThere = (piece: number, block: number): boolean =>
    geometry
      .spans(piece, block * BLOCK_LENGTH, geometry.blockLength(piece, block))
      .filter(span => !span.isPad && o.isWanted(span.file))
      .every(({ file }) => restored.isUnchanged(files[file]?.displayPath ?? '', o.files[file] ?? null))
  for (const [piece, blocks] of restored.spilled) {
    if (o.have.has(piece)) continue
    if ([...blocks].every(block => isThere(piece, block))) taken.set(piece, blocks)
    else o.resume?.blocksSpilled(piece, new Bitfield(blocks.length))
  }
  return taken
}
