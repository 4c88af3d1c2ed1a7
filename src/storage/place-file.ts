import { linkSync, lstatSync, readdirSync, renameSync, statSync, unlinkSync, type BigIntStats } from 'node:fs'
import { basename, dirname } from 'node:path'
import { StorageError } from '../core/errors.ts'
import { collisionKey } from '../metainfo/safe-path.ts'
import { linkFault, notRegularFault } from './disk-fault.ts'

/**
 * What became of a file that was to have another name: it has both (`linked`), it has the new one only (`renamed`), they are
 * one name (`same`), or it would have to be copied (`apart`): to another disk, or on one that has no hard links.
 */
export type Placed = 'linked' | 'renamed' | 'same' | 'apart'

/** The system's words for "not here": another disk, no hard links, too many of them, or not for this file. */
const NOT_HERE = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'])

/**
 * Gives a file another name, on the same disk, and writes over nothing: `file-exists` where another file has it. A second name
 * that an interrupted attempt left is taken for its own. `canLose`: the old name may go, so that a disk without hard links
 * will do. The folder of the new name must be there.
 */
export function placeFile(from: string, to: string, options: { canLose?: boolean } = {}): Placed {
  const source = look(from)
  if (source === null) throw new StorageError('file-missing', `${from} is not there`, { path: from })
  if (source.isSymbolicLink()) throw linkFault(from)
  if (!source.isFile()) throw notRegularFault(from)
  if (isOneFolder(from, to) && basename(from) === basename(to)) return 'same'
  const inTheWay = look(to)
  if (inTheWay !== null) return placeOver(from, to, { source, inTheWay })
  try {
    linkSync(from, to)
  } catch (error) {
    if (!NOT_HERE.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    if (!options.canLose) return 'apart'
    renameSync(from, to)
    return 'renamed'
  }
  return 'linked'
}

/** The new name is taken: by another file, or by this very one. */
function placeOver(
  from: string,
  to: string,
  { source, inTheWay }: { source: BigIntStats; inTheWay: BigIntStats },
): Placed {
  if (!isOneFile(inTheWay, source)) throw takenFault(to)
  if (!isOneFolder(from, to) || collisionKey(basename(from)) !== collisionKey(basename(to))) return 'linked'
  // On a disk that does not tell `A` from `a` both are one entry: to remove the old name would remove the file.
  const names = readdirSync(dirname(from))
  if (names.includes(basename(from)) && names.includes(basename(to))) return 'linked'
  renameSync(from, to)
  return 'renamed'
}

/** Undoes what was done. Never removes the last name of a file, and writes over none that came to the old name meanwhile. */
export function takeBack(from: string, to: string, placed: Placed): void {
  const [before, now] = [look(from), look(to)]
  if (placed === 'renamed' && (before === null || isOneFile(before, now))) renameSync(to, from)
  if (placed === 'linked' && isOneFile(before, now)) unlinkSync(to)
}

function isOneFile(one: BigIntStats | null, other: BigIntStats | null): boolean {
  return one !== null && other !== null && one.ino === other.ino && one.dev === other.dev
}

/** However the folders are called: the same one may be reached by links and mounts. */
function isOneFolder(one: string, other: string): boolean {
  const [a, b] = [one, other].map(path => statSync(dirname(path), { bigint: true, throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

function look(path: string): BigIntStats | null {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null
}

function takenFault(path: string): StorageError {
  return new StorageError('file-exists', `${path} is there already, and is not written over: move it away`, {
    path,
  })
}
