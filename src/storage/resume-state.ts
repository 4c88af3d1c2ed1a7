import { Bitfield } from '../core/bitfield.ts'
import type { RecordedFile } from './file-look.ts'
import type { FileState } from './torrent-storage.ts'

/** What a resume log says at a moment; the sum of its records. */
export class ResumeState {
  readonly synced: Bitfield
  /** Pieces that were written and not synced yet, with the number each was written under; rising numbers. */
  readonly written = new Map<number, number>()
  /** Pieces whose sync failed or never came: perhaps on disk, perhaps not, whatever later syncs say. */
  readonly doubtful = new Set<number>()
  readonly spilled = new Map<number, Bitfield>()
  readonly files = new Map<string, RecordedFile>()
  uploaded = 0
  downloaded = 0
  /** Counts writes; `syncedUpTo` refers to it. */
  sequence = 0

  constructor(pieceCount: number) {
    this.synced = new Bitfield(pieceCount)
  }

  pieceWritten(piece: number, sequence: number): void {
    this.pieceLost(piece)
    this.sequence = Math.max(this.sequence, sequence)
    this.written.set(piece, sequence)
  }

  pieceLost(piece: number): void {
    this.synced.clear(piece)
    this.written.delete(piece)
    this.doubtful.delete(piece)
    this.spilled.delete(piece)
  }

  syncedUpTo(sequence: number): void {
    for (const [piece, number] of this.written) {
      if (!(number <= sequence)) continue
      this.written.delete(piece)
      this.synced.set(piece)
    }
  }

  notSynced(piece: number): void {
    if (this.written.delete(piece)) this.doubtful.add(piece)
  }

  blocksSpilled(piece: number, blocks: Bitfield): void {
    if (blocks.isEmpty) this.spilled.delete(piece)
    else this.spilled.set(piece, blocks)
  }

  fileOpened(path: string): void {
    this.files.set(path, { state: this.files.get(path)?.state ?? null, isOpen: true })
  }

  fileSeen(path: string, state: FileState): void {
    if (state === null) this.files.delete(path)
    else this.files.set(path, { state, isOpen: false })
  }
}
