import { FormatError } from '../core/errors.ts'
import { METAINFO_LIMITS } from './limits.ts'
import { collisionKey, numbered } from './safe-path.ts'

type Path = readonly string[]

/**
 * Gives each file a path of its own, on systems that fold case or normalise Unicode too: the second `bar.txt` becomes
 * `bar.1.txt`. Folders keep their names, so a file called like a folder gives way. The input is left as it is;
 * paths that need no change are the same objects in the answer.
 *
 * Throws `FormatError` `too-many-duplicate-paths` beyond METAINFO_LIMITS.sameNames files that want the same path.
 */
export function distinctPaths(paths: readonly Path[]): Path[] {
  const taken = folderKeys(paths)
  const lastNumbers = new Map<string, number>()
  return paths.map(path => {
    const key = collisionKey(path)
    if (!taken.has(key)) {
      taken.add(key)
      return path
    }
    let number = lastNumbers.get(key) ?? 0
    for (;;) {
      number++
      if (number > METAINFO_LIMITS.sameNames) {
        throw new FormatError(
          'too-many-duplicate-paths',
          `more than ${METAINFO_LIMITS.sameNames} files want the path "${path.join('/')}"`,
        )
      }
      const other = [
        ...path.slice(0, -1),
        numbered(path.at(-1) ?? '_', number, METAINFO_LIMITS.elementLength),
      ]
      const otherKey = collisionKey(other)
      if (taken.has(otherKey)) continue
      taken.add(otherKey)
      lastNumbers.set(key, number)
      return other
    }
  })
}

/** Bounded by the number of path elements in the torrent. */
function folderKeys(paths: readonly Path[]): Set<string> {
  const keys = new Set<string>()
  let previous: Path = []
  for (const path of paths) {
    for (let depth = 1; depth < path.length; depth++) {
      const isKnown = depth < previous.length && startsAlike(path, previous, depth)
      if (!isKnown) keys.add(collisionKey(path.slice(0, depth)))
    }
    previous = path
  }
  return keys
}

function startsAlike(a: Path, b: Path, depth: number): boolean {
  for (let i = 0; i < depth; i++) if (a[i] !== b[i]) return false
  return true
}
