/** Something that lies in a torrent's folder: a file, or a link (BEP 47). Paths have `/` between their parts. */
export interface PlacedEntry {
  readonly path: string
  /** What a link points to, from where paths start; null for what is no link. */
  readonly target: string | null
}

/**
 * The links that can be made without leading anywhere but to the torrent's own files: each points to a file, a folder
 * or another such link of `entries`, by a way without links, and to no folder that it lies in itself. Gives indices,
 * each link behind the one it points to.
 */
export function placeableLinks(entries: readonly PlacedEntry[]): number[] {
  const waiting = waitingLinks(entries)
  if (waiting.size === 0) return []
  const lengths = new Set(Array.from(waiting.keys(), target => target.length))
  /** From a link to what it leads to in the end. */
  const ends = new Map<string, string>()
  const placed: number[] = []
  const accept = (target: string): void => {
    for (const index of waiting.get(target) ?? []) {
      const { path } = entries[index]!
      const end = ends.get(target) ?? target
      if (holds(end, path)) continue
      ends.set(path, end)
      placed.push(index)
    }
    waiting.delete(target)
  }
  const arrive = (path: string): void => {
    for (const length of prefixLengths(path)) if (lengths.has(length)) accept(path.slice(0, length))
  }
  for (const { path, target } of entries) if (target === null) arrive(path)
  // Grows while it is gone through: a link may be what others wait for.
  for (const index of placed) arrive(entries[index]!.path)
  return placed
}

/** By target. Bounded by the entries. */
function waitingLinks(entries: readonly PlacedEntry[]): Map<string, number[]> {
  const waiting = new Map<string, number[]>()
  for (const [index, { target }] of entries.entries()) {
    if (target === null) continue
    const same = waiting.get(target)
    if (same) same.push(index)
    else waiting.set(target, [index])
  }
  return waiting
}

/** Of the path itself and of each folder above it. */
function prefixLengths(path: string): number[] {
  const lengths = [path.length]
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) lengths.push(at)
  return lengths
}

function holds(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
