import type { Bitfield } from '../core/bitfield.ts'
import type { FileState } from './torrent-storage.ts'

/** What is remembered of a torrent when it is opened again. */
export interface Restored {
  /** Pieces that were verified and synced: good as long as their files look as they did. */
  readonly synced: Bitfield
  /** Verified and written, but perhaps not on the disk: to be hashed again. Rising. */
  readonly unsure: readonly number[]
  /** Blocks of pieces that are not whole and went to disk; the piece's hash will judge them. */
  readonly spilled: ReadonlyMap<number, Bitfield>
  readonly uploaded: number
  readonly downloaded: number
  /** What each file looked like, by path. */
  readonly files: ReadonlyMap<string, RecordedFile>
}

export interface RecordedFile {
  readonly state: FileState
  /** True while the file was being written to: its length and time have changed since. */
  readonly isOpen: boolean
}
