import { statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Bytes that this user may still write to the disk that has the folder, or will have it when it is made. Null where the
 * system does not tell, and where it counts no blocks at all, as some made-up file systems do.
 */
export function freeSpace(folder: string): number | null {
  const at = resolve(folder)
  try {
    const { bavail, bsize, blocks } = statfsSync(at)
    return blocks > 0 ? bavail * bsize : null
  } catch {
    return dirname(at) === at ? null : freeSpace(dirname(at))
  }
}
