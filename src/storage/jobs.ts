/** What the main thread asks of storage workers, and what they answer. Only this crosses the boundary. */

import type { PlannedLink } from './link-plan.ts'
import type { PieceDigest } from '../swarm/piece-verdict.ts'
import type { PortableFault } from './disk-fault.ts'
import { lengthOfParts } from './shared-parts.ts'
import type { Placed } from './place-file.ts'
import type { DigestKinds, DiskLook, FileLook, FileState } from './torrent-storage.ts'

/** What a disk moves while it seeks. */
const LEAST_WORK = 1024 * 1024

/** The folder below which a torrent may read and write. */
export interface Root {
  readonly path: string
  /** What it was when the torrent was prepared (`dev:ino`), so that an unmounted disk is noticed. Null: anything. */
  readonly identity: string | null
}

/** A stretch of one file. */
export interface DiskSpan {
  /** Below the root, `/` between its parts. Null: a pad, zeros that are nowhere. */
  readonly path: string | null
  readonly offset: number
  readonly length: number
  /** Whether a write may make the file. */
  readonly mayCreate?: boolean
  /** BEP 47's `x`: a file that is made gets the right to be executed. */
  readonly isExecutable?: boolean
  /** For a read: what the file has to look like, where that is known. */
  readonly look?: FileLook
}

/** A file that does not look as it should. */
export interface ChangedFile {
  readonly path: string
  readonly look: FileLook
}

export interface DiskPiece {
  readonly spans: readonly DiskSpan[]
  readonly contentLength: number
  readonly kinds: DigestKinds
}

export interface PlannedFile {
  readonly path: string
  readonly isEmpty: boolean
  readonly isExecutable: boolean
}

/** A file that is to lie elsewhere, each path below its root. */
export interface FileMove {
  readonly from: string
  readonly to: string
}

export interface UnsyncedFile {
  readonly path: string
  /** Of the file that was written to; null: whatever has this name. */
  readonly identity: string | null
}

/** For each kind of job: what it takes and what it gives. */
export interface Jobs {
  /** Hashes memory. */
  hash: {
    takes: { parts: readonly Uint8Array[]; contentLength: number; kinds: DigestKinds }
    gives: PieceDigest
  }
  /**
   * `made`: folders that have new entries, which are to be synced with the data. `wroteTo`: for each span the identity
   * of the file that took it; null for a pad.
   */
  write: {
    takes: { root: Root; spans: readonly DiskSpan[]; parts: readonly Uint8Array[] }
    gives: { made: readonly string[]; wroteTo: readonly (string | null)[] }
  }
  /** Gives the files that looked different when they had been read; mostly none. */
  read: {
    takes: { root: Root; spans: readonly DiskSpan[]; parts: readonly Uint8Array[] }
    gives: readonly ChangedFile[]
  }
  /** Hashes pieces as they lie on disk; a piece that cannot be read does not spoil the others. */
  digest: {
    takes: { root: Root; pieces: readonly DiskPiece[] }
    gives: readonly (PieceDigest | PortableFault)[]
  }
  inspect: {
    takes: { root: string; paths: readonly string[] }
    gives: { identity: string | null; states: readonly FileState[] }
  }
  disk: { takes: { root: string }; gives: DiskLook }
  /**
   * Makes root, folders, empty files and links; gives the root's identity, the folders with new entries, and why links
   * could not be made.
   */
  prepare: {
    takes: { root: Root; files: readonly PlannedFile[]; links: readonly PlannedLink[] }
    gives: { identity: string; made: readonly string[]; linkFaults: readonly PortableFault[] }
  }
  sync: {
    takes: { root: Root; files: readonly UnsyncedFile[]; folders: readonly string[] }
    gives: null
  }
  /** Removes files below a root. One that is not there is no fault. `onlyLinks`: what is no symbolic link stays. */
  remove: { takes: { root: Root; paths: readonly string[]; onlyLinks: boolean }; gives: null }
  /**
   * Gives files other names, on one disk: see `placeFile`. `placed`: of those that were tried; `fault`: why the next was not.
   */
  place: {
    takes: { from: Root; to: Root; moves: readonly FileMove[]; canLose: boolean }
    gives: { placed: readonly Placed[]; made: readonly string[]; fault: PortableFault | null }
  }
  /** Undoes it. */
  'take-back': {
    takes: { from: Root; to: Root; moves: readonly (FileMove & { readonly placed: Placed })[] }
    gives: null
  }
  /** Removes the folders of these files that are empty. */
  tidy: { takes: { root: Root; paths: readonly string[] }; gives: null }
  /** Closes those of these files that are open. */
  forget: { takes: { root: string; paths: readonly string[] }; gives: null }
  'state-read': { takes: { path: string }; gives: Uint8Array | null }
  'state-replace': { takes: { path: string; bytes: Uint8Array }; gives: null }
  'state-append': { takes: { path: string; bytes: Uint8Array; isSynced: boolean }; gives: null }
  'state-remove': { takes: { path: string }; gives: null }
  'state-list': { takes: { folder: string }; gives: string[] }
}

export type JobKind = keyof Jobs
export type Job = { [K in JobKind]: { readonly kind: K } & Jobs[K]['takes'] }[JobKind]
export type JobOf<K extends JobKind> = Extract<Job, { readonly kind: K }>
export type Result<K extends JobKind> = Jobs[K]['gives']

/** Answers come in the order of the jobs. */
export type Answer =
  | { readonly isDone: true; readonly result: unknown }
  | { readonly isDone: false; readonly fault: PortableFault }

/** How much a job is to do, in bytes. Even the smallest takes a disk its time. */
export function workOf(job: Job): number {
  if ('parts' in job) return Math.max(LEAST_WORK, lengthOfParts(job.parts))
  if (job.kind !== 'digest') return LEAST_WORK
  return job.pieces.reduce((work, piece) => work + Math.max(LEAST_WORK, piece.contentLength), 0)
}

export function isFault(digest: PieceDigest | PortableFault): digest is PortableFault {
  return 'code' in digest
}
