import { readlink, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'

/**
 * What a link in a folder points to, as parts from that folder, or why a torrent of the folder cannot keep the link.
 * `root` is the folder's real path. Links on the way to the target are followed, the target itself may be one.
 */
export async function linkTarget(
  root: string,
  link: string,
): Promise<{ readonly target: readonly string[] } | { readonly why: string }> {
  try {
    const text = await readlink(link)
    if (isAbsolute(text)) return { why: 'it is a link to an absolute path' }
    const target = await placeOf(dirname(link), text)
    const parts = partsBelow(root, target)
    if (parts === null || partsBelow(root, await realpath(link)) === null) {
      return { why: 'it is a link that leads out of the folder, or to all of it' }
    }
    return { target: parts }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ELOOP') return { why: 'it is a link that leads in a circle' }
    if (code === 'ENOENT' || code === 'ENOTDIR') return { why: 'it is a link to nothing' }
    return { why: `it is a link that cannot be followed: the system says ${code ?? String(error)}` }
  }
}

/** As the system finds it: `..` behind a linked folder is above where that link leads. */
async function placeOf(folder: string, text: string): Promise<string> {
  const name = basename(text)
  if (name === '' || name === '.' || name === '..') return realpath(`${folder}${sep}${text}`)
  return join(await realpath(`${folder}${sep}${dirname(text)}`), name)
}

function partsBelow(root: string, path: string): readonly string[] | null {
  const parts = relative(root, path).split(sep)
  return parts[0] === '' || parts[0] === '..' || isAbsolute(parts.join(sep)) ? null : parts
}
