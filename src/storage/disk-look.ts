import { statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { DiskLook } from './torrent-storage.ts'

/** The disk that has the folder, or will have it when it is made. */
export function lookAtDisk(folder: string): DiskLook {
  const at = nearestFolder(resolve(folder))
  return { device: statSync(at, { bigint: true }).dev, free: freeSpace(at) }
}

/** Of the folder and those above it, the first that is there. */
function nearestFolder(folder: string): string {
  const above = dirname(folder)
  const isThere = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false
  return isThere || above === folder ? folder : nearestFolder(above)
}

/** Null where the system does not tell, and where it counts no blocks at all, as some made-up file systems do. */
function freeSpace(folder: string): number | null {
  try {
    const { bavail, bsize, blocks } = statfsSync(folder)
    return blocks > 0 ? bavail * bsize : null
  } catch {
    return null
  }
}
