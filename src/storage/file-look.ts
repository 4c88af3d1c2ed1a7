import type { Info } from '../metainfo/info.ts'
import type { FileState } from './torrent-storage.ts'

/** What was remembered of a file. */
export interface RecordedFile {
  readonly state: FileState
  /** True: it was written to after this look, so its length and times have changed since, by us. */
  readonly isOpen: boolean
}

/**
 * Whether a file still is what we left, so that what is remembered of its pieces may be believed. A file that was
 * open when the program ended can only be told by its identity; which of its pieces were not synced is known.
 * `before` is undefined for a file nothing is remembered of.
 */
export function isUnchanged(before: RecordedFile | undefined, now: FileState): boolean {
  if (before === undefined || now === null) return false
  const { state, isOpen } = before
  if (state === null) return isOpen
  // Some file systems make up inode numbers anew; those without any say 0. The device's number may change at a boot.
  if (state.ino !== now.ino && state.ino !== 0n && now.ino !== 0n) return false
  if (isOpen) return now.length >= state.length
  return now.length === state.length && now.mtimeNs === state.mtimeNs
}

/** What `TorrentStorage.inspect` found, by the files' `displayPath`. */
export function looksByPath(info: Info, states: readonly FileState[]): ReadonlyMap<string, FileState> {
  return new Map(info.files.map((file, index) => [file.displayPath, states[index] ?? null]))
}

/**
 * Whether files that we know have all vanished at once: their disk is not mounted, rather than each deleted. Nothing
 * should be made in such a folder, and nothing of what is remembered thrown away.
 */
export function areAllGone(
  before: ReadonlyMap<string, RecordedFile>,
  now: ReadonlyMap<string, FileState>,
): boolean {
  let known = 0
  for (const [path, { state, isOpen }] of before) {
    if (state === null && !isOpen) continue
    if (now.get(path)) return false
    known++
  }
  return known > 0
}
