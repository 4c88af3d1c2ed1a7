/** `--select GLOB`: which files of a torrent are wanted. */

import { posix } from 'node:path'

/**
 * A question for a file's path in its torrent. Any of the globs is enough, and a glob says yes to
 * - the path, or with no `/` in the glob the name of the file in whatever folder (`*.mkv`),
 * - a folder and so all that is in it (`extras`, `video/season 1/`),
 * - exactly this text, so that a name with brackets can be given as it is.
 * No globs: everything is wanted.
 */
export function selectionOf(globs: readonly string[]): (path: string) => boolean {
  if (globs.length === 0) return () => true
  const patterns = globs.map(glob => glob.replace(/^\.?\//, '').replace(/\/+$/, ''))
  return path => patterns.some(pattern => covers(pattern, path))
}

function covers(pattern: string, path: string): boolean {
  const names = path.split('/')
  if (!pattern.includes('/')) return names.some(name => matches(pattern, name))
  return names.some((_, depth) => matches(pattern, names.slice(0, depth + 1).join('/')))
}

function matches(pattern: string, path: string): boolean {
  return pattern === path || posix.matchesGlob(path, pattern)
}
