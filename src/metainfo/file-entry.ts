import { equalBytes, utf8Bytes, utf8Text } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import { printable } from '../core/printable.ts'
import { distinctPaths } from './distinct-paths.ts'
import type { Geometry } from './geometry.ts'
import { METAINFO_LIMITS } from './limits.ts'
import type { ListedFile } from './listed-file.ts'
import { cleanElement, safeElement } from './safe-path.ts'
import type { Warnings } from './warning.ts'

/** One file of a torrent, ready for the disk. */
export interface FileEntry {
  /**
   * The parts of its path, safe on every system and no file's twice: below the torrent's folder, or, for a torrent
   * of a single file, just the name.
   */
  readonly path: readonly string[]
  /** The path for people and for selecting: its parts with `/` between them. */
  readonly displayPath: string
  /** The path as the torrent has it, invalid UTF-8 as U+FFFD: for URLs of web seeds (BEP 19), never for a disk. */
  readonly originalPath: readonly string[]
  /** In bytes. */
  readonly length: number
  /** Where it starts in the torrent, in bytes. */
  readonly offset: number
  /** Zeros that only move the next file to the start of a piece (BEP 47); never on a disk. */
  readonly isPad: boolean
  readonly isExecutable: boolean
  readonly isHidden: boolean
  /** BEP 47: what the link points to, as safe parts below the torrent's folder; null for a file that is no link. */
  readonly symlink: readonly string[] | null
  /** v2: the root of the file's merkle tree, 32 bytes; null in v1 and for an empty file. */
  readonly piecesRoot: Uint8Array | null
  /** Seconds since 1970; null where the torrent does not say. */
  readonly mtimeSeconds: number | null
}

/**
 * Makes the paths safe and distinct. Throws `FormatError` `path-too-long`, `too-many-duplicate-paths`; what had to be
 * changed is a warning.
 */
export function fileEntries(
  files: readonly ListedFile[],
  geometry: Geometry,
  torrent: { readonly name: string; readonly isSingleFile: boolean },
  warnings: Warnings,
): FileEntry[] {
  const names = new PathNames()
  const namesOf = files.map(file => names.of(file.path))
  const safePaths = files.map((file, index) => safePath(file, namesOf[index]!, torrent))
  checkLengths(safePaths, torrent.isSingleFile ? null : torrent.name)
  const paths = withoutCollisions(files, safePaths, warnings)
  return files.map((file, index) => {
    const path = paths[index]!
    const originalPath = file.path.length > 0 ? namesOf[index]!.map(({ original }) => original) : path
    if (!file.isPad && isChanged(safePaths[index]!, originalPath)) {
      warnings.add(
        'path-changed',
        `"${printable(originalPath.join('/'))}" is called "${path.join('/')}" on disk`,
      )
    }
    if (file.isSymlink && file.symlink === null) {
      warnings.add(
        'link-without-target',
        `"${path.join('/')}" is a link to nowhere in the torrent; it is read as an empty file`,
      )
    }
    return {
      path,
      displayPath: path.join('/'),
      originalPath,
      length: file.length,
      offset: geometry.fileOffset(index),
      isPad: file.isPad,
      isExecutable: file.isExecutable,
      isHidden: file.isHidden,
      symlink: file.symlink?.map(safeElement) ?? null,
      piecesRoot: file.piecesRoot,
      mtimeSeconds: file.mtimeSeconds,
    }
  })
}

/** Pads have no place on a disk, so they collide with nothing. */
function withoutCollisions(
  files: readonly ListedFile[],
  safePaths: readonly (readonly string[])[],
  warnings: Warnings,
): readonly (readonly string[])[] {
  const distinct = distinctPaths(safePaths.filter((_, index) => !files[index]!.isPad))
  let next = 0
  return safePaths.map((path, index) => {
    if (files[index]!.isPad) return path
    const own = distinct[next++]!
    if (own !== path)
      warnings.add('path-collision', `a second "${path.join('/')}" is called "${own.at(-1)}" on disk`)
    return own
  })
}

interface PathName {
  readonly bytes: Uint8Array
  readonly safe: string
  readonly original: string
}

/** The parts of paths as texts: those of a folder once for all files in it that follow one another. */
class PathNames {
  #last: readonly PathName[] = []

  of(path: readonly Uint8Array[]): readonly PathName[] {
    const last = this.#last
    this.#last = path.map((bytes, depth) => {
      const same = last[depth]
      if (same && equalBytes(same.bytes, bytes)) return same
      return { bytes, safe: safeElement(bytes), original: utf8Text(bytes) }
    })
    return this.#last
  }
}

function safePath(
  file: ListedFile,
  names: readonly PathName[],
  torrent: { readonly name: string; readonly isSingleFile: boolean },
): readonly string[] {
  const [first] = file.path
  if (first === undefined) return ['.pad', String(file.length)]
  if (torrent.isSingleFile) return [cleanElement(first) ?? torrent.name]
  return names.map(({ safe }) => safe)
}

function checkLengths(paths: readonly (readonly string[])[], folder: string | null): void {
  const folderLength = folder === null ? 0 : utf8Bytes(folder).length + 1
  for (const path of paths) {
    const text = path.join('/')
    // A character has at most 3 bytes a code unit.
    if (folderLength + text.length * 3 <= METAINFO_LIMITS.pathLength) continue
    if (folderLength + utf8Bytes(text).length <= METAINFO_LIMITS.pathLength) continue
    throw new FormatError(
      'path-too-long',
      `the path "${text.slice(0, 60)}…" is longer than ${METAINFO_LIMITS.pathLength} bytes`,
    )
  }
}

function isChanged(path: readonly string[], original: readonly string[]): boolean {
  return path.some((element, index) => element !== original[index])
}
