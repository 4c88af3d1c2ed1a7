import type { Bitfield } from '../core/bitfield.ts'
import type { StorageError } from '../core/errors.ts'
import type { PieceDigest } from './piece-verdict.ts'

/** Null: the disk took all of it. */
export type WriteAnswer = (error: StorageError | null) => void

/** Hashes and writes pieces; the answers come later, through the owner's guard. */
export interface PieceKeeper {
  digest(piece: number, parts: readonly Uint8Array[], done: (digest: PieceDigest) => void): void
  /** Hashes a piece as it lies on disk. Null: it cannot be read. */
  digestStored(piece: number, done: (digest: PieceDigest | null) => void): void
  /** The bytes of a piece as it lies on disk. Null: it cannot be read. */
  readStored(piece: number, done: (bytes: Uint8Array | null) => void): void
  write(piece: number, begin: number, parts: readonly Uint8Array[], done: WriteAnswer): void
  /** A verified piece is on disk: this is to be remembered. */
  pieceWritten(piece: number): void
  /** These blocks of a piece that was not judged yet are on disk; none: what was there is of no use. Likewise. */
  blocksSpilled(piece: number, blocks: Bitfield): void
}
