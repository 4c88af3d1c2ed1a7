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
  const keys = new PathKeys()
  // Folders first: they have their names whatever the order of files.
  const folders = paths.map(path => keys.folderOf(path))
  const lastNumbers = new Map<string, number>()
  return paths.map((path, index) => {
    const folder = folders[index]!
    const name = path.at(-1) ?? '_'
    if (keys.take(folder, name)) return path
    const key = `${folder}/${collisionKey(name)}`
    for (let number = (lastNumbers.get(key) ?? 0) + 1; number <= METAINFO_LIMITS.sameNames; number++) {
      const other = numbered(name, number, METAINFO_LIMITS.elementLength)
      if (!keys.take(folder, other)) continue
      lastNumbers.set(key, number)
      return [...path.slice(0, -1), other]
    }
    throw new FormatError(
      'too-many-duplicate-paths',
      `more than ${METAINFO_LIMITS.sameNames} files want the path "${path.join('/')}"`,
    )
  })
}

/**
 * Who has which name in which folder. A folder is a number, and a name in it is `number/name`, so that deep paths cost
 * no more than their parts. Bounded by the number of path elements in the torrent.
 */
class PathKeys {
  /** From a name in a folder to the folder it is, or to 0 for a file. */
  readonly #taken = new Map<string, number>()
  #folders = 1
  #lastPath: Path = []
  /** The folders along `#lastPath`: files that follow one another mostly share them. */
  #lastFolders: number[] = [1]

  folderOf(path: Path): number {
    const folders = [1]
    let isShared = true
    for (let depth = 0; depth + 1 < path.length; depth++) {
      isShared &&= depth + 1 < this.#lastFolders.length && path[depth] === this.#lastPath[depth]
      folders.push(isShared ? this.#lastFolders[depth + 1]! : this.#subfolder(folders[depth]!, path[depth]!))
    }
    this.#lastPath = path
    this.#lastFolders = folders
    return folders.at(-1)!
  }

  /** False where the name is taken. */
  take(folder: number, name: string): boolean {
    const key = `${folder}/${collisionKey(name)}`
    if (this.#taken.has(key)) return false
    this.#taken.set(key, 0)
    return true
  }

  #subfolder(folder: number, name: string): number {
    const key = `${folder}/${collisionKey(name)}`
    const known = this.#taken.get(key)
    if (known !== undefined) return known
    this.#folders++
    this.#taken.set(key, this.#folders)
    return this.#folders
  }
}
