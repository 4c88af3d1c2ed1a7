/** How a torrent is doing, as lines of text. Nothing here knows where they are printed. */

import type { TorrentState, TorrentStatus } from '../client/torrent-status.ts'
import { printable } from '../core/printable.ts'
import { formatDuration, formatLength, formatRate, formatShare } from '../core/quantities.ts'
import type { Style } from './output.ts'
import { drawPieceMap, type PieceCell } from './piece-map.ts'
import { padStart, textWidth, truncateEnd, truncateMiddle } from './text-layout.ts'

export type Paint = (style: Style, text: string) => string

/** Below this many columns, only what fits is shown: no piece map, one figure a line. */
const NARROW = 44
const WIDEST_MAP = 120
const SHORTEST_NAME = 8

const STATE_WORDS: Readonly<Record<TorrentState, string>> = {
  'fetching-metadata': 'fetching metadata',
  checking: 'checking',
  allocating: 'making room',
  waiting: 'waiting for the disk',
  downloading: 'downloading',
  seeding: 'seeding',
  failed: 'failed',
  queued: 'waiting for its turn',
  paused: 'paused',
  stopped: 'stopped',
}

/** The lines of the progress view, none wider than `columns`. `why`: what holds it up, where it stands still. */
export function progressView(
  status: TorrentStatus,
  pieces: Uint8Array,
  columns: number,
  paint: Paint,
  why: string | null = null,
): string[] {
  const state = truncateEnd(stateWord(status), columns - SHORTEST_NAME - 2)
  const name = truncateMiddle(printable(status.name), Math.max(SHORTEST_NAME, columns - textWidth(state) - 2))
  const figures = columns < NARROW ? narrowFigures(status) : wideFigures(status, columns)
  const lines = [
    `${paint('bold', name)}${padStart(state, columns - textWidth(name))}`,
    ...figures.map(line => truncateEnd(line, columns)),
  ]
  if (columns >= NARROW && pieces.length > 0)
    lines.push(paintMap(pieces, Math.min(columns, WIDEST_MAP), paint))
  if (status.error) lines.push(paint('red', truncateEnd(printable(status.error.message), columns)))
  else if (why !== null) lines.push(paint('yellow', truncateEnd(printable(why), columns)))
  return lines
}

/** All of it in one line, for pipes and files. */
export function progressLine(status: TorrentStatus, why: string | null = null): string {
  const figures =
    status.state === 'seeding'
      ? [uploadFigure(status), peersFigure(status)]
      : [
          shareFigure(status),
          downloadFigure(status),
          uploadFigure(status),
          peersFigure(status),
          etaFigure(status),
        ]
  const end = why === null ? '' : ` (${printable(why)})`
  return `${printable(status.name)}: ${[stateWord(status), ...figures].filter(Boolean).join(', ')}${end}`
}

function wideFigures(status: TorrentStatus, columns: number): string[] {
  const figures =
    status.state === 'seeding'
      ? [
          lengthFigure(status),
          uploadFigure(status),
          `${formatLength(status.uploaded)} sent`,
          peersFigure(status),
        ]
      : [
          shareFigure(status),
          downloadFigure(status),
          uploadFigure(status),
          peersFigure(status),
          etaFigure(status),
        ]
  const line: string[] = []
  for (const figure of figures.filter(Boolean)) {
    if (textWidth([...line, figure].join('   ')) > columns) break
    line.push(figure)
  }
  return [line.join('   ')]
}

function narrowFigures(status: TorrentStatus): string[] {
  if (status.state === 'seeding') return [uploadFigure(status), peersFigure(status)]
  const share = status.wantedLength === 0 ? '' : formatShare(status.verifiedLength, status.wantedLength)
  return [share, downloadFigure(status), peersFigure(status)].filter(Boolean)
}

function stateWord(status: TorrentStatus): string {
  const word = STATE_WORDS[status.state]
  return status.state === 'checking' && status.pieces > 0
    ? `${word} ${formatShare(status.checkedPieces, status.pieces)}`
    : word
}

/** Empty before it is known how much is wanted, and how much of it is there. */
function shareFigure({ verifiedLength, wantedLength }: TorrentStatus): string {
  if (wantedLength === 0) return ''
  return `${formatShare(verifiedLength, wantedLength)} of ${formatLength(wantedLength)}`
}

function lengthFigure(status: TorrentStatus): string {
  return formatLength(status.wantedLength)
}

function downloadFigure(status: TorrentStatus): string {
  return `↓ ${formatRate(status.downloadRate)}`
}

function uploadFigure(status: TorrentStatus): string {
  return `↑ ${formatRate(status.uploadRate)}`
}

function peersFigure({ peers, seeds }: TorrentStatus): string {
  const noun = peers === 1 ? 'peer' : 'peers'
  return seeds > 0 ? `${peers} ${noun} (${seeds} ${seeds === 1 ? 'seed' : 'seeds'})` : `${peers} ${noun}`
}

function etaFigure({ etaSeconds }: TorrentStatus): string {
  return etaSeconds === null ? '' : `${formatDuration(etaSeconds)} left`
}

const MAP_STYLES: Readonly<Record<PieceCell['kind'], Style>> = {
  verified: 'green',
  partial: 'yellow',
  missing: 'dim',
  unwanted: 'dim',
}

/** Neighbours of one kind are painted together: a line of 120 cells is not 120 escape sequences. */
function paintMap(pieces: Uint8Array, width: number, paint: Paint): string {
  let line = ''
  let run = ''
  let kind: PieceCell['kind'] | null = null
  for (const cell of drawPieceMap(pieces, width)) {
    if (kind !== null && cell.kind !== kind) {
      line += paint(MAP_STYLES[kind], run)
      run = ''
    }
    kind = cell.kind
    run += cell.glyph
  }
  return kind === null ? line : line + paint(MAP_STYLES[kind], run)
}
