/** What the engine asks of the place where a torrent's bytes lie, and of those who hash them. */

import type { StorageError } from '../core/errors.ts'
import type { PieceDigest } from '../swarm/piece-verdict.ts'

export type { PieceDigest } from '../swarm/piece-verdict.ts'

/** Which hashes to compute of a piece: `sha1` for v1, `merkle` for v2, both for a hybrid. */
export interface DigestKinds {
  /** SHA-1 of the whole piece, pads included (BEP 3). */
  readonly sha1: boolean
  /** Root of the SHA-256 tree over the piece's 16 KiB leaves (BEP 52); see `Geometry.leavesOf`. */
  readonly merkle: MerkleKind | null
}

export interface MerkleKind {
  /** How many leaves hold content. */
  readonly leaves: number
  /** How wide the tree is: a power of two; what lacks is filled with leaves of zeros. */
  readonly paddedLeaves: number
  /** True: the leaf hashes are returned as well. */
  readonly wantLeaves?: boolean
}

/** What a file looks like from outside. Two equal looks mean: nobody wrote to it in between. */
export interface FileLook {
  readonly length: number
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint
  readonly ino: bigint
  /** The device (`st_dev`). It may change when the machine starts again, so it is never compared by itself. */
  readonly dev: bigint
}

/** What a disk looks like from outside. */
export interface DiskLook {
  /** `st_dev`. */
  readonly device: bigint
  /**
   * Bytes that it still takes, or null where it does not tell. A hint for a warning and no more: quotas, compression, and
   * holes in files that are there already make it wrong in either way.
   */
  readonly free: number | null
}

/** Where a torrent's files are to lie. */
export interface StoragePlace {
  /** The folder below which all of them lie. */
  readonly folder: string
  /** Files that are called otherwise than by default, by their index: paths below the folder, `/` between their parts. */
  readonly names: ReadonlyMap<number, string>
}

/** How far a move is that has to copy: bytes. */
export interface MoveProgress {
  readonly moved: number
  readonly total: number
}

export interface RelocateOptions {
  /**
   * Called when all is at the new place, and on its disk, and still at the old one as well: what it does decides where the
   * torrent lies from then on. Nothing is read or written meanwhile. `files`: what `inspect` says there.
   */
  readonly commit: (files: readonly FileState[]) => Promise<void>
  readonly onProgress?: (progress: MoveProgress) => void
  /** Until `commit` is called. */
  readonly signal?: AbortSignal
}

/** Null: there is no such file. */
export type FileState = FileLook | null

/**
 * The bytes of one torrent, addressed by piece. What every implementation promises:
 *
 * 1. `parts` are stretches of memory that is shared with workers (views on `SharedArrayBuffer`s). They may be apart;
 *    together they are as long as the range. They must not change (write) or be looked at (read) before the promise
 *    settles, and they are never looked at after it has.
 * 2. A read or digest sees every write whose promise was fulfilled before it was called. Calls under way at the same
 *    time may happen in any order.
 * 3. Pads (BEP 47) read as zeros and are written nowhere.
 * 4. Everything that goes wrong is a `StorageError` with the file's path; nothing is retried here.
 */
export interface TorrentStorage {
  /** Hashes this torrent's pieces in the threads that write them; null or none: those that are for hashing do it. */
  readonly hasher?: PieceHasher | null
  /**
   * Makes the folders, the empty files and the links (BEP 47) that are wanted; a link only where it leads to wanted
   * files of the torrent and nothing has its place. One that cannot be made is no fault. No other file is made before its first byte is written,
   * and no file is ever made shorter. Resolves to what `inspect` says then.
   */
  prepare(): Promise<readonly FileState[]>
  /**
   * One state a file, in the order of `info.files`; pads count as missing, and so does, once, a file that a call found
   * to be `file-replaced`. Changes nothing on disk. Rejects with `storage-unmounted` where the folder is gone.
   */
  inspect(): Promise<readonly FileState[]>
  /**
   * Other files are wanted from now on: makes for them what `prepare` makes, and gives them what was put aside of their
   * bytes. Nothing else happens to the torrent's bytes meanwhile. Files that are not wanted any more stay. Resolves to what
   * `inspect` says then; where it rejects, all is wanted as before.
   */
  select(isWanted: (file: number) => boolean): Promise<readonly FileState[]>
  /**
   * Has all that is there lie elsewhere. Reads go on while something has to be copied, writes wait. Nothing is written over:
   * rejects with `file-exists` where another file has a name. Where it rejects, or `commit` does, all is as before. Resolves
   * to why old files could not be removed.
   */
  relocate(place: StoragePlace, options: RelocateOptions): Promise<readonly StorageError[]>
  /** The disk that has the folder, or will have it when it is made. Works before `prepare`. */
  lookAtDisk(): Promise<DiskLook>
  write(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void>
  /**
   * Fills `parts`. Rejects with `file-missing`, `file-replaced` or `file-truncated` where the bytes are not there, with
   * `storage-unmounted` where the folder is not the one that was prepared (which says nothing of the piece), and with the
   * codes of `diskFault` where the disk will not give them.
   */
  read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void>
  /** Hashes a piece as it lies on disk. Rejects as `read` does. */
  digest(piece: number, kinds: DigestKinds): Promise<PieceDigest>
  /**
   * Brings what was written (before the call) to the disk itself: data, and the folders' entries of new files. When
   * it rejects, nothing written since the last success may be trusted to survive, and syncing again proves nothing:
   * the pieces concerned have to be written again.
   */
  sync(): Promise<void>
  /**
   * Has the next sync include the wanted files that are there already: what is found good in them, and was not known to
   * be on the disk, is so only then.
   */
  syncExisting(): void
  /** Waits for what is under way. Nothing may be called afterwards. */
  close(): Promise<void>
}

/** Hashes pieces that are in memory. */
export interface PieceHasher {
  /**
   * SHA-1 covers all of `parts`; the merkle tree covers their first `contentLength` bytes, the rest being the pad of
   * a hybrid. `parts` as in `TorrentStorage`.
   */
  digest(parts: readonly Uint8Array[], contentLength: number, kinds: DigestKinds): Promise<PieceDigest>
}
