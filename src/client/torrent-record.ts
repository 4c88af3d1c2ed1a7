import { Bitfield } from '../core/bitfield.ts'
import type { Torrent } from '../swarm/torrent.ts'
import { PIECE_MISSING, PIECE_PARTIAL, PIECE_UNWANTED, PIECE_VERIFIED } from './torrent-status.ts'

/**
 * What stays in memory of a torrent that rests: enough to announce it and to show it. What its files looked like is in
 * the resume log; everything else is read again when it wakes. Where everything is had, no bitfield is kept.
 */
export class TorrentRecord {
  readonly pieceCount: number
  /** Bytes of content: of the wanted pieces, and how many of them are verified. */
  readonly progress: { readonly wanted: number; readonly verified: number }
  readonly missingBytes: number
  readonly isComplete: boolean
  readonly #have: Bitfield | 'all'
  readonly #selected: Bitfield | 'all'

  constructor(torrent: Torrent) {
    const { have } = torrent.pieces
    this.pieceCount = have.length
    this.progress = torrent.progress
    this.missingBytes = torrent.missingBytes
    this.isComplete = torrent.isComplete
    this.#have = have.isFull ? 'all' : have.clone()
    const selected = new Bitfield(have.length)
    for (let piece = 0; piece < have.length; piece++) if (torrent.isSelected(piece)) selected.set(piece)
    this.#selected = selected.isFull ? 'all' : selected
  }

  get verifiedPieces(): number {
    return this.#have === 'all' ? this.pieceCount : this.#have.count
  }

  hasVerified(piece: number): boolean {
    return this.#have === 'all' || this.#have.has(piece)
  }

  pieceMap(): Uint8Array {
    const map = new Uint8Array(this.pieceCount).fill(PIECE_VERIFIED)
    if (this.#have === 'all') return map
    for (let piece = 0; piece < map.length; piece++) {
      if (this.hasVerified(piece)) continue
      map[piece] = this.#selected === 'all' || this.#selected.has(piece) ? PIECE_MISSING : PIECE_UNWANTED
    }
    return map
  }
}

/** One byte a piece, `PIECE_*`, of a torrent that is awake. */
export function pieceMapOf(torrent: Torrent): Uint8Array {
  const map = new TorrentRecord(torrent).pieceMap()
  for (let piece = 0; piece < map.length; piece++) {
    if (map[piece] !== PIECE_VERIFIED && torrent.picker.isOpen(piece)) map[piece] = PIECE_PARTIAL
  }
  return map
}
