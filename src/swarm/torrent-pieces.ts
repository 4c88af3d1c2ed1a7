import { Bitfield } from '../core/bitfield.ts'
import type { StorageError } from '../core/errors.ts'
import { BLOCK_LENGTH } from '../metainfo/geometry.ts'
import type { PieceAssembly } from './piece-assembly.ts'
import type { PieceKeeper } from './piece-keeper.ts'
import type { PiecePicker } from './piece-picker.ts'
import { judgePiece, type PieceDigest, type PieceVerdict, type PromisedHashes } from './piece-verdict.ts'
import { PieceWriter } from './piece-writer.ts'

/** What becomes of pieces, as the torrent is told it. */
export interface PieceFates {
  /** Verified and written: it may be announced and served. */
  pieceVerified(piece: number): void
  /** Whole, and wrong. */
  pieceFailed(piece: number, failure: PieceFailure): void
  /** Whether the bytes of a piece, once it is good, would tell who sent wrong ones before. */
  isSuspect(piece: number): boolean
  /** Who sent what into a piece that is good now. No parts: it is on disk only, and no suspect. */
  pieceGood(piece: number, sources: readonly (object | null)[], parts: readonly Uint8Array[]): void
  /** A piece, or what there is of it, could not be written; it is kept in memory and tried again by `retryWrites`. */
  writeFailed(piece: number, error: StorageError): void
  writesRecovered(): void
  /** A hybrid's two hashes promise different bytes: nothing can be right. */
  hashesContradict(piece: number): void
}

/** What is known of a piece that was whole and wrong. */
export interface PieceFailure {
  /** Who sent each block; null where that is not known. */
  readonly sources: readonly (object | null)[]
  /** What came, valid only during the call. None where the piece is on disk and cannot be read. */
  readonly parts: readonly Uint8Array[]
  /** v2: the hash of each 16 KiB leaf as it came. */
  readonly leaves: Uint8Array | null
}

/**
 * The way of a piece: blocks gathered in memory, hashed, judged, written, had. Where memory is short, blocks are written
 * (spilled) before their piece is whole; it is then hashed from disk, and had without being written again.
 */
export class TorrentPieces {
  /** Verified and written. */
  readonly have: Bitfield
  readonly #picker: PiecePicker
  readonly #assembly: PieceAssembly
  readonly #promised: PromisedHashes
  readonly #keeper: PieceKeeper
  readonly #writer: PieceWriter
  readonly #fates: PieceFates
  readonly #contentBytes: (piece: number) => number
  /** Whole pieces being hashed or written. Bounded by the extents lent out. */
  readonly #settling = new Set<number>()
  /** Those of them that are in memory and being hashed. */
  readonly #hashing = new Set<number>()
  /** Pieces that the disk would not take: verified ones, and those that were to be spilled. Bounded likewise. */
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
    this.#writer = new PieceWriter(options)
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

  /** Those of them that are not hashed yet. */
  get hashing(): number {
    return this.#hashing.size
  }

  /** Nothing is in memory, and nothing on its way to the disk or back. */
  get isQuiet(): boolean {
    return this.#settling.size === 0 && !this.isBlocked && !this.canSpill && !this.#writer.isSpilling
  }

  /** What is on disk already, found good before the torrent starts and any piece is begun. */
  alreadyHave(pieces: Bitfield): void {
    if (pieces.isFull && this.have.isEmpty) {
      this.have.setAll()
      this.#picker.allVerified()
    } else for (const piece of pieces) if (this.have.set(piece)) this.#picker.pieceVerified(piece)
  }

  /** Blocks that were spilled before the torrent started need not come again: the hash of their piece judges them. */
  restore(piece: number, blocks: Bitfield): void {
    if (blocks.isEmpty || !this.#picker.isWanted(piece)) return
    this.#assembly.restore(piece, blocks)
    if (!this.#assembly.isOpen(piece)) return
    for (const block of blocks) this.#picker.blockArrived(piece, block)
    if (this.#assembly.isWhole(piece)) this.#judge(piece)
  }

  /** A piece that nobody sends was found good on disk. */
  found(piece: number): void {
    if (this.have.has(piece) || this.#picker.isOpen(piece)) return
    this.#keeper.pieceWritten(piece)
    this.have.set(piece)
    this.#picker.pieceVerified(piece)
    this.#fates.pieceVerified(piece)
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
    if (state === 'whole' && !this.#writer.spills(piece)) this.#judge(piece)
    return others
  }

  /** Blocks of partial pieces are in memory. */
  get canSpill(): boolean {
    return this.#assembly.slowest() !== null
  }

  /** The memory of the slowest partial piece is wanted elsewhere: its blocks go to disk. One piece at a time. */
  spillSlowest(): void {
    if (this.isBlocked || this.#writer.isSpilling) return
    const piece = this.#assembly.slowest()
    if (piece !== null) this.#spill(piece)
  }

  /** Tries to write again what the disk refused. */
  retryWrites(): void {
    for (const piece of [...this.#unwritten]) {
      if (this.#settling.has(piece) || this.#writer.spills(piece)) continue
      if (!this.#assembly.isWhole(piece)) this.#spill(piece)
      else if (this.#assembly.isSpilled(piece)) this.#judge(piece)
      else this.#write(piece)
    }
  }

  /**
   * The torrent ends. What is partial goes to disk, so that it need not come again, unless the disk refuses. Memory goes
   * back, and that which workers look at when they are done with it.
   */
  close(): void {
    if (this.#isClosed) return
    const canWrite = this.#unwritten.size === 0
    this.#isClosed = true
    this.#unwritten.clear()
    for (const piece of [...this.#assembly.openPieces()]) {
      if (this.#settling.has(piece) || this.#writer.spills(piece)) continue
      if (canWrite && !this.#assembly.isWhole(piece)) this.#spill(piece)
      else this.#assembly.release(piece)
    }
  }

  #spill(piece: number): void {
    this.#writer.spill(piece, error => {
      if (this.#isClosed) return this.#discard(piece)
      if (error) this.#refused(piece, error)
      else this.#noLongerRefused(piece)
      if (this.#assembly.isWhole(piece)) this.#judge(piece)
    })
  }

  #judge(piece: number): void {
    this.#settling.add(piece)
    if (this.#assembly.isSpilled(piece)) return this.#judgeStored(piece)
    const parts = this.#assembly.parts(piece)
    this.#hashing.add(piece)
    this.#keeper.digest(piece, parts, digest => {
      this.#hashing.delete(piece)
      this.#judged(piece, digest, parts)
    })
  }

  /** What is still in memory joins the rest on disk, and the piece is hashed there. */
  #judgeStored(piece: number): void {
    this.#writer.spill(piece, error => {
      if (this.#isClosed) return this.#discard(piece)
      if (error) return this.#refused(piece, error)
      this.#noLongerRefused(piece)
      this.#keeper.digestStored(piece, digest => {
        if (this.#isClosed) this.#discard(piece)
        else if (digest) this.#judgedStored(piece, digest)
        else this.#failed(piece, { sources: [], parts: [], leaves: null })
      })
    })
  }

  /** What came is read back where it tells, now or later, who sent wrong blocks. */
  #judgedStored(piece: number, digest: PieceDigest): void {
    const isGood = this.#verdict(piece, digest, []) === 'good'
    if (isGood && !this.#fates.isSuspect(piece)) return this.#judged(piece, digest, [])
    this.#keeper.readStored(piece, bytes => this.#judged(piece, digest, bytes ? [bytes] : []))
  }

  /** On disk a pad reads as zeros, whatever a peer sent. */
  #verdict(piece: number, digest: PieceDigest, parts: readonly Uint8Array[]): PieceVerdict {
    const hasCleanPad = (): boolean => isZeroFrom(parts, this.#contentBytes(piece))
    return judgePiece(piece, digest, this.#promised, hasCleanPad)
  }

  #judged(piece: number, digest: PieceDigest, parts: readonly Uint8Array[]): void {
    const verdict = this.#verdict(piece, digest, parts)
    if (this.#isClosed) {
      if (verdict === 'good') this.#write(piece)
      else this.#discard(piece)
      return
    }
    const sources = [...this.#assembly.sources(piece)]
    if (verdict === 'good') {
      this.#fates.pieceGood(piece, sources, parts)
      if (this.#assembly.isSpilled(piece)) this.#had(piece)
      else this.#write(piece)
    } else if (verdict === 'contradictory') {
      this.#settling.delete(piece)
      this.#fates.hashesContradict(piece)
    } else this.#failed(piece, { sources, parts, leaves: digest.leaves })
  }

  #failed(piece: number, failure: PieceFailure): void {
    this.#settling.delete(piece)
    this.#fates.pieceFailed(piece, failure)
    const onDisk = this.#assembly.spilledBlocks(piece)
    if (!onDisk.isEmpty) this.#keeper.blocksSpilled(piece, new Bitfield(onDisk.length))
    this.#assembly.release(piece)
    this.#picker.pieceLost(piece)
    this.#noLongerRefused(piece)
  }

  #write(piece: number): void {
    this.#settling.add(piece)
    this.#writer.write(piece, error => {
      if (error && !this.#isClosed) return this.#refused(piece, error)
      if (!error) this.#had(piece)
      else this.#discard(piece)
    })
  }

  /** Good, and on disk. */
  #had(piece: number): void {
    this.#keeper.pieceWritten(piece)
    this.#discard(piece)
    if (this.#isClosed) return
    const wasBlocked = this.#unwritten.delete(piece) && this.#unwritten.size === 0
    this.have.set(piece)
    this.#picker.pieceVerified(piece)
    this.#fates.pieceVerified(piece)
    if (wasBlocked) this.#fates.writesRecovered()
  }

  #refused(piece: number, error: StorageError): void {
    this.#settling.delete(piece)
    this.#unwritten.add(piece)
    this.#fates.writeFailed(piece, error)
  }

  #noLongerRefused(piece: number): void {
    if (this.#unwritten.delete(piece) && this.#unwritten.size === 0) this.#fates.writesRecovered()
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
