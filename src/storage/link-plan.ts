import { placeableLinks } from '../metainfo/placeable-links.ts'
import type { StoredFile } from './stored-torrent.ts'

/** A link that may be made. */
export interface PlannedLink {
  /** Where it lies, below the root. */
  readonly path: string
  /** What it points to, below the root. */
  readonly target: string
  /** What is written into it: the way from one to the other. */
  readonly text: string
}

/** The links among the files (all of them wanted) that lead to others of them, each behind what it points to. */
export function planLinks(files: readonly StoredFile[]): PlannedLink[] {
  const entries = files
    .filter(file => !file.isPad && (!file.isLink || file.linkTarget))
    .map(({ path, linkTarget }) => ({ path, target: linkTarget ?? null }))
  return placeableLinks(entries).flatMap(index => {
    const { path, target } = entries[index]!
    return target === null ? [] : [{ path, target, text: wayBetween(path, target) }]
  })
}

/** `a/b/link` and `a/c/d` give `../c/d`. */
function wayBetween(path: string, target: string): string {
  const from = path.split('/').slice(0, -1)
  const to = target.split('/')
  let shared = 0
  while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared++
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/')
}
