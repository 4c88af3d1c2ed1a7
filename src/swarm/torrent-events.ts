import type { BitTorrentError, StorageError } from '../core/errors.ts'
import type { BlockSource } from './block-source.ts'
import type { PieceFailure } from './torrent-pieces.ts'

/** What the owner of a torrent is told. */
export interface TorrentEvents {
  pieceVerified(piece: number): void
  /** `suspects`: where it is not known yet who lied. */
  pieceFailed(piece: number, suspects: PieceFailure | null): void
  /** Every wanted piece is had. */
  completed(): void
  /** The disk takes nothing; it is asked again until it does. */
  blocked(error: StorageError): void
  recovered(): void
  /** All was quiet, and is no more: `deadline` has come nearer. */
  awake(): void
  /** Nothing of this torrent can be right. */
  contradictory(error: BitTorrentError): void
  /** A source sent wrong data, beyond doubt. It is cut off. */
  caught(source: BlockSource, error: BitTorrentError): void
}
