/** A torrent's pieces in one line of block characters. */

import { PIECE_PARTIAL, PIECE_UNWANTED, PIECE_VERIFIED } from '../client/torrent-status.ts'

/** What one cell of the map stands for. */
export interface PieceCell {
  readonly glyph: string
  readonly kind: 'missing' | 'partial' | 'verified' | 'unwanted'
}

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇']

/**
 * `pieces` has a byte a piece (`PIECE_*`). Each cell stands for an equal stretch of them, its height for how many of
 * the wanted ones are verified: `█` only where all are, `·` for none, `░` for none but some on their way, a blank
 * where nothing is wanted. Never more cells than pieces.
 */
export function drawPieceMap(pieces: Uint8Array, width: number): PieceCell[] {
  const cells = Math.max(0, Math.min(width, pieces.length))
  return Array.from({ length: cells }, (_, cell) =>
    drawCell(
      pieces,
      Math.floor((cell * pieces.length) / cells),
      Math.floor(((cell + 1) * pieces.length) / cells),
    ),
  )
}

function drawCell(pieces: Uint8Array, first: number, end: number): PieceCell {
  let verified = 0
  let partial = 0
  let unwanted = 0
  for (let piece = first; piece < end; piece++) {
    if (pieces[piece] === PIECE_VERIFIED) verified++
    else if (pieces[piece] === PIECE_PARTIAL) partial++
    else if (pieces[piece] === PIECE_UNWANTED) unwanted++
  }
  const wanted = end - first - unwanted
  if (wanted === 0) return { glyph: ' ', kind: 'unwanted' }
  if (verified === wanted) return { glyph: '█', kind: 'verified' }
  if (verified > 0) {
    return { glyph: LEVELS[Math.min(6, Math.floor((verified / wanted) * 7))]!, kind: 'verified' }
  }
  return partial > 0 ? { glyph: '░', kind: 'partial' } : { glyph: '·', kind: 'missing' }
}
