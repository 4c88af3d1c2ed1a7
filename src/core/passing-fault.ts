import type { StorageError } from './errors.ts'

/** Faults that pass when somebody frees space, mounts the disk, gives permission or closes files. */
const PASSING: ReadonlySet<string> = new Set([
  'storage-full',
  'storage-read-only',
  'storage-denied',
  'storage-too-many-open-files',
  'storage-unmounted',
  'folder-gone',
])

/** Whether the fault may pass without the torrent changing: waiting and trying again makes sense. */
export function isPassingFault(error: StorageError): boolean {
  return PASSING.has(error.code)
}
