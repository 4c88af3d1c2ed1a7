import { Bitfield } from '../core/bitfield.ts'
import type { StorageError } from '../core/errors.ts'
import { BLOCK_LENGTH } from '../metainfo/geometry.ts'
import type { PieceAssembly } from './piece-assembly.ts'
import type { PiecePicker } from './piece-picker.ts'
import { judgePiece, type PieceDigest, type PromisedHashes } from './piece-verdict.ts'

/** Hashes and writes pieces; the answers come later, through the owner's guard. */
export interface PieceKeeper {
  digest(piece: number, parts: readonly Uint8Array[], done: (digest: PieceDigest) => void): void
  write(piece: number, parts: readonly Uint8Array[], done: (error: StorageError | null) => void): void
}

/** What becomes of pieces, as the torrent is told it. */
export interface PieceFates {
  /** Verified and written: it may be announced and served. */
  pieceVerified(piece: number): void
  /** Whole, and wrong. */
  pieceFailed(piece: number, failure: PieceFailure): void
  /** Right after a failure of its own: who sent what into a piece that is good now. */
  pieceGood(piece: number, sources: readonly (object | null)[], parts: readonly Uint8Array[]): void
  /** A verified piece could not be written; it is kept in memory and tried again by `retryWrites`. */
  writeFailed(piece: number, error: StorageError): void
  writesRecovered(): void
  /** A hybrid's two hashes promise different bytes: nothing can be right. */
  hashesContradict(piece: number): void
}

/** What is known of a piece that was whole and wrong. */
export interface PieceFailure {
  /** Who sent each block; null where that is not known. */
  readonly sources: readonly (object | null)[]
  /** What came, valid only during the call. */
  readonly parts: readonly Uint8Array[]
  /** v2: the hash of each 16 KiB leaf as it came. */
  readonly leaves: Uint8Array | null
}

/** The way of a piece: blocks gathered in memory, hashed, judged, written, had. */
export class TorrentPieces {
  /** Verified and written. */
  readonly have: Bitfield
  readonly #picker: PiecePicker
  readonly #assembly: PieceAssembly
  readonly #promised: PromisedHashes
  readonly #keeper: PieceKeeper
  readonly #fates: PieceFates
  readonly #contentBytes: (piece: number) => number
  /** Whole pieces being hashed or written. Bounded by the extents lent out. */
  readonly #settling = new Set<number>()
  /** Verified pieces that the disk would not take. Bounded likewise. */
  readonly #unwritten = new Set<number>()
  #isClosed = false

  constructor(options: {
    pieceCount: number
    /** How much of a piece is content; what follows is pad. */
    contentBytes: (piece: number) => number
    picker: PiecePicker
    assembly: PieceAssembly
    promised: PromisedHashes
    keeper: PieceKeeper
    fates: PieceFates
  }) {
    this.have = new Bitfield(options.pieceCount)
    this.#contentBytes = options.contentBytes
    this.#picker = options.picker
    this.#assembly = options.assembly
    this.#promised = options.promised
    this.#keeper = options.keeper
    this.#fates = options.fates
  }

  /** The disk refuses, or the torrent has ended: nothing more is asked for (until the disk takes what waits). */
  get isBlocked(): boolean {
    return this.#isClosed || this.#unwritten.size > 0
  }

  /** Pieces on their way to the disk. */
  get settling(): number {
    return this.#settling.size
  }

  /** What is on disk already, found good before the torrent started. */
  alreadyHave(piece: number): void {
    if (this.have.set(piece)) this.#picker.pieceVerified(piece)
  }

  /** A piece that was had turned out to be gone or wrong on disk. */
  lost(piece: number): void {
    if (this.have.clear(piece)) this.#picker.pieceLost(piece)
  }

  /**
   * A block is in its place. Returns who else was asked for it; null where it is of no use, because it was there already
   * or its memory went back meanwhile. The picker hears of it only then: a block that it believes in and that is not
   * there would never be asked for again.
   */
  blockArrived(piece: number, begin: number, source: object): readonly object[] | null {
    const state = this.#assembly.arrived(piece, begin, source)
    if (state === 'duplicate') return null
    const others = this.#picker.blockArrived(piece, begin / BLOCK_LENGTH, source)
    if (state === 'whole') this.#judge(piece)
    return others
  }

  /** Tries to write again what the disk refused. */
  retryWrites(): void {
    for (const piece of this.#unwritten) {
      if (!this.#settling.has(piece)) this.#write(piece)
    }
  }

  /** The torrent ends: memory goes back, and that which workers look at when they are done with it. */
  close(): void {
    this.#isClosed = true
    this.#unwritten.clear()
    for (const piece of [...this.#assembly.openPieces()]) {
      if (!this.#settling.has(piece)) this.#assembly.release(piece)
    }
  }

  #judge(piece: number): void {
    this.#settling.add(piece)
    const parts = this.#assembly.parts(piece)
    this.#keeper.digest(piece, parts, digest => {
      if (this.#isClosed) return this.#discard(piece)
      const hasCleanPad = (): boolean => isZeroFrom(parts, this.#contentBytes(piece))
      const verdict = judgePiece(piece, digest, this.#promised, hasCleanPad)
      if (verdict === 'good') {
        this.#fates.pieceGood(piece, this.#assembly.sources(piece), parts)
        this.#write(piece)
        return
      }
      this.#settling.delete(piece)
      if (verdict === 'contradictory') {
        this.#fates.hashesContradict(piece)
        return
      }
      const sources = [...this.#assembly.sources(piece)]
      this.#fates.pieceFailed(piece, { sources, parts, leaves: digest.leaves })
      this.#assembly.release(piece)
      this.#picker.pieceLost(piece)
    })
  }

  #write(piece: number): void {
    this.#settling.add(piece)
    this.#keeper.write(piece, this.#assembly.parts(piece), error => {
      if (this.#isClosed) return this.#discard(piece)
      this.#settling.delete(piece)
      if (error) {
        this.#unwritten.add(piece)
        this.#fates.writeFailed(piece, error)
        return
      }
      const wasBlocked = this.#unwritten.delete(piece) && this.#unwritten.size === 0
      this.#assembly.release(piece)
      this.have.set(piece)
      this.#picker.pieceVerified(piece)
      this.#fates.pieceVerified(piece)
      if (wasBlocked) this.#fates.writesRecovered()
    })
  }

  #discard(piece: number): void {
    this.#settling.delete(piece)
    this.#assembly.release(piece)
  }
}

function isZeroFrom(parts: readonly Uint8Array[], offset: number): boolean {
  let at = offset
  for (const part of parts) {
    if (at < part.length && part.subarray(at).some(byte => byte !== 0)) return false
    at = Math.max(0, at - part.length)
  }
  return true
}
