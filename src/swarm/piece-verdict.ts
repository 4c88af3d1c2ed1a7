import { equalBytes } from '../core/bytes.ts'

/** What a hash worker found for a piece. Null: not computed. */
export interface PieceDigest {
  readonly sha1: Uint8Array | null
  readonly merkleRoot: Uint8Array | null
  /** 32 bytes a 16 KiB leaf, where they were asked for. */
  readonly leaves: Uint8Array | null
}

/** What the torrent promises of a piece. Null: it does not say, or the piece layer is still to come. */
export interface PromisedHashes {
  v1(piece: number): Uint8Array | null
  v2(piece: number): Uint8Array | null
}

/**
 * - `good`: every hash that can be compared is equal, and at least one could.
 * - `bad`: none is equal.
 * - `contradictory`: a hybrid whose v1 and v2 hashes promise different bytes (BEP 52: such a torrent is to be stopped).
 *
 * Only v1 covers the pad of a hybrid. Where nothing but v1 is unequal and `hasCleanPad` says that the pad is not all
 * zeros, a peer sent a wrong pad, and the piece is `bad`: else any peer could have the torrent stopped.
 */
export type PieceVerdict = 'good' | 'bad' | 'contradictory'

export function judgePiece(
  piece: number,
  digest: PieceDigest,
  promised: PromisedHashes,
  hasCleanPad: () => boolean = () => true,
): PieceVerdict {
  const v1 = compare(digest.sha1, promised.v1(piece))
  const v2 = compare(digest.merkleRoot, promised.v2(piece))
  if (v1 !== null && v2 !== null && v1 !== v2) return v1 || hasCleanPad() ? 'contradictory' : 'bad'
  return (v1 ?? v2) === true ? 'good' : 'bad'
}

function compare(found: Uint8Array | null, promised: Uint8Array | null): boolean | null {
  if (!found || !promised) return null
  return equalBytes(found, promised)
}
