import { readlinkSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { linkFault, notRegularFault } from './disk-fault.ts'
import type { PlannedLink } from './link-plan.ts'
import { checkFolders, lookAt, makeFolders, pathBelow } from './path-guard.ts'

/** Where what makes a link is told what it must know. */
export interface LinkPlace {
  /** The full path of the download folder. */
  readonly root: string
  /** What is written into each link of the torrent, by its path: only these may be pointed to. */
  readonly texts: ReadonlyMap<string, string>
  /** Hears of each folder that got a new entry. */
  readonly made: (folder: string) => void
}

/**
 * Makes a link, unless something has its place already. Throws `file-is-link` where a link that is not the torrent's
 * own lies on the way to either end, `file-not-regular`, and what the system says.
 */
export function makeLink({ path, target, text }: PlannedLink, { root, texts, made }: LinkPlace): void {
  const full = pathBelow(root, path)
  if (checkFolders(root, path) && lookAt(full)) return
  checkTarget(root, target, texts.get(target) ?? null)
  makeFolders(root, path, made)
  symlinkSync(text, full)
  made(dirname(full))
}

/** It need not be there yet. */
function checkTarget(root: string, target: string, text: string | null): void {
  const full = pathBelow(root, target)
  const found = checkFolders(root, target) ? lookAt(full) : null
  if (found === null) return
  if (found.isSymbolicLink()) {
    if (text === null || readlinkSync(full).replaceAll('\\', '/') !== text) throw linkFault(full)
  } else if (!found.isFile() && !found.isDirectory()) throw notRegularFault(full)
}
