import type { Bitfield } from '../core/bitfield.ts'
import type { Info } from '../metainfo/info.ts'
import type { FileState } from '../storage/torrent-storage.ts'

/** The pieces that were had and cannot be there any more: a file of theirs is gone, or too short. */
export function lostPieces(
  info: Info,
  have: Bitfield,
  files: readonly FileState[],
  isWanted: (file: number) => boolean,
): number[] {
  const { geometry } = info
  const isThere = (piece: number): boolean =>
    geometry
      .spans(piece, 0, geometry.pieceLengthOf(piece))
      .filter(span => !span.isPad && isWanted(span.file))
      .every(span => (files[span.file]?.length ?? 0) >= span.offset + span.length)
  return [...have].filter(piece => !isThere(piece))
}
