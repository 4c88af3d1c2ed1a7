/** What disk workers do when files get other names or another folder. Runs in a worker. */

import { rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { StorageError } from '../core/errors.ts'
import { diskFault, packFault } from './disk-fault.ts'
import type { JobOf, Result } from './jobs.ts'
import { checkFolders, checkRoot, makeFolders, pathBelow } from './path-guard.ts'
import { placeFile, takeBack } from './place-file.ts'

/** One after the other, until one cannot be. */
export function placeFiles({ from, to, moves, canLose }: JobOf<'place'>): Result<'place'> {
  const placed: Result<'place'>['placed'][number][] = []
  const made = new Set<string>()
  try {
    checkRoot(from)
    checkRoot(to)
    for (const move of moves) {
      const [old, now] = [pathBelow(from.path, move.from), pathBelow(to.path, move.to)]
      try {
        checkFolders(from.path, move.from)
        makeFolders(to.path, move.to, folder => made.add(folder))
        placed.push(placeFile(old, now, { canLose }))
      } catch (error) {
        throw diskFault(error, now)
      }
      made.add(dirname(now))
    }
    return { placed, made: [...made], fault: null }
  } catch (error) {
    return { placed, made: [...made], fault: packFault(diskFault(error, to.path)) }
  }
}

export function takeFilesBack({ from, to, moves }: JobOf<'take-back'>): null {
  checkRoot(from)
  checkRoot(to)
  const faults: StorageError[] = []
  for (const move of moves) {
    const [old, now] = [pathBelow(from.path, move.from), pathBelow(to.path, move.to)]
    try {
      takeBack(old, now, move.placed)
    } catch (error) {
      faults.push(diskFault(error, now))
    }
  }
  if (faults[0]) throw faults[0]
  return null
}

/** Removes the folders of these files that are empty, up to the root, which stays. One that cannot go stays. */
export function tidyFolders({ root, paths }: JobOf<'tidy'>): null {
  checkRoot(root)
  const folders = new Set<string>()
  for (const path of paths)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      folders.add(path.slice(0, at))
  const deepestFirst = [...folders].sort((a, b) => b.length - a.length)
  for (const folder of deepestFirst) {
    try {
      if (checkFolders(root.path, `${folder}/_`)) rmdirSync(pathBelow(root.path, folder))
    } catch {
      // Somebody has something in it.
    }
  }
  return null
}
