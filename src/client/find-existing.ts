import type { RunningParts } from './running-parts.ts'
import { isGoodOnDisk } from './checker.ts'
import { fewAtATime } from './few-at-a-time.ts'

/**
 * Pieces that are to be wanted and lie on the disk already, good: of files that were there and nobody looked at, because
 * they were not wanted. Those that somebody sends just now are left alone.
 */
export async function findExisting(
  { metadata, hashes, storage, torrent }: RunningParts,
  priorities: Uint8Array,
  signal: AbortSignal,
): Promise<number[]> {
  const { info } = metadata
  const { geometry } = info
  const files = await storage.inspect()
  const isThere = (piece: number): boolean =>
    geometry
      .spans(piece, 0, geometry.pieceLengthOf(piece))
      .some(({ file, isPad, offset, length }) => !isPad && (files[file]?.length ?? 0) >= offset + length)
  const candidates: number[] = []
  for (let piece = 0; piece < geometry.pieceCount; piece++) {
    if (priorities[piece] === 0 || torrent.isSelected(piece) || torrent.pieces.have.has(piece)) continue
    if (!torrent.picker.isOpen(piece) && isThere(piece)) candidates.push(piece)
  }
  const found: number[] = []
  await fewAtATime(candidates, async piece => {
    signal.throwIfAborted()
    if (await isGoodOnDisk(piece, { info, hashes, storage, signal })) found.push(piece)
  })
  if (found.length > 0) storage.syncExisting()
  return found
}
