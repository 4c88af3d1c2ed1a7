import type { Bitfield } from '../core/bitfield.ts'
import { StorageError } from '../core/errors.ts'
import { torrentIdOf } from '../core/ids.ts'
import type { Info } from '../metainfo/info.ts'
import { areAllGone, looksByPath, type RecordedFile } from './file-look.ts'
import type { FileState } from './torrent-storage.ts'

/** What of `Restored` it takes to tell. */
interface Remembered {
  readonly synced: Bitfield
  readonly files: ReadonlyMap<string, RecordedFile>
}

/**
 * Throws `folder-gone` where pieces of the torrent are known to be on the disk, now not one of its files is there,
 * and the disk that is there is not theirs: what was deleted from a disk that is there is fetched again.
 * To be asked before `TorrentStorage.prepare`, which would make the folder anew: below the place where the disk belongs.
 * `files`: of `TorrentStorage.inspect`; `place`: the folder that was chosen, and the device that it is on now.
 */
export function refuseIfGone(
  restored: Remembered | null,
  files: readonly FileState[],
  info: Info,
  place: { readonly folder: string; readonly device: bigint },
): void {
  // What was not synced proves nothing: a power cut may have taken it, folder and all.
  if (restored === null || restored.synced.isEmpty) return
  if (!areAllGone(restored.files, looksByPath(info, files))) return
  const { folder, device } = place
  // They were on the very disk that is there now: somebody deleted them, and may have them again.
  if ([...restored.files.values()].some(({ state }) => state?.dev === device)) return
  throw new StorageError(
    'folder-gone',
    `all that was downloaded of "${info.name}" is gone from ${folder}, as if its disk were not mounted: mount it, or put the files back; if they were deleted on purpose, remove torrents/${torrentIdOf(info.hashes)} from the state folder to start anew`,
    { path: folder },
  )
}
