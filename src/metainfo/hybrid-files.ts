import { equalBytes, formatHex } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import { Geometry } from './geometry.ts'
import type { ListedFile } from './listed-file.ts'

/**
 * Joins the two file lists of a hybrid: the v1 list, with its pads, and the roots of the v2 tree. Both must say the
 * same (BEP 52): files with bytes agree in path, length, order and place; links and empty files, which have no place,
 * agree as sets. Throws `FormatError` `files-inconsistent`.
 */
export function joinHybridFiles(
  v1: readonly ListedFile[],
  v2: readonly ListedFile[],
  pieceLength: number,
): ListedFile[] {
  const packed = new Geometry({ pieceLength, files: v1, layout: 'packed' })
  const aligned = new Geometry({ pieceLength, files: v2, layout: 'aligned' })
  if (packed.pieceCount !== aligned.pieceCount) {
    throw inconsistent(`${packed.pieceCount} pieces in v1, ${aligned.pieceCount} in v2`)
  }
  compareEmptyFiles(v1, v2)
  const v2Indices = v2.flatMap((file, index) => (file.length > 0 ? [index] : []))
  let next = 0
  const joined = v1.map((file, index) => {
    if (file.isPad || file.length === 0) return file
    const v2Index = v2Indices[next++]
    const twin = v2Index === undefined ? undefined : v2[v2Index]
    if (twin === undefined || v2Index === undefined) throw inconsistent('v1 has more files')
    if (twin.length !== file.length || !isSamePath(twin.path, file.path)) {
      throw inconsistent(`file ${index} of v1 has another name or length in v2`)
    }
    if (packed.fileOffset(index) !== aligned.fileOffset(v2Index)) {
      throw inconsistent(`file ${index} of v1 does not start at a piece of its own`)
    }
    return { ...file, piecesRoot: twin.piecesRoot }
  })
  if (next < v2Indices.length) throw inconsistent('v2 has more files')
  return joined
}

function compareEmptyFiles(v1: readonly ListedFile[], v2: readonly ListedFile[]): void {
  const inV1 = emptyPaths(v1)
  const inV2 = emptyPaths(v2)
  const isSame = inV1.length === inV2.length && inV1.every((path, index) => path === inV2[index])
  if (!isSame) throw inconsistent('the empty files or links differ')
}

function emptyPaths(files: readonly ListedFile[]): string[] {
  return files
    .filter(file => file.length === 0 && !file.isPad)
    .map(file =>
      [...file.path, ...(file.symlink ? [new Uint8Array(), ...file.symlink] : [])].map(formatHex).join('/'),
    )
    .sort()
}

function isSamePath(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((element, index) => equalBytes(element, b[index]!))
}

function inconsistent(how: string): FormatError {
  return new FormatError('files-inconsistent', `the v1 and the v2 file lists differ: ${how}`)
}
