import { asBytes, asDict, type Bencode, type BencodeDict } from '../bencode/bencode.ts'
import { latin1Bytes } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import { METAINFO_LIMITS } from './limits.ts'
import {
  type ListedFile,
  readAttributes,
  readLength,
  readMtime,
  readSymlink,
  type Where,
} from './listed-file.ts'
import { safeElement } from './safe-path.ts'

const SHA256_LENGTH = 32

/** The files of a v2 file tree in its order, which is the order of the pieces (BEP 52). Throws `FormatError`. */
export function readV2Files(info: BencodeDict): ListedFile[] {
  const tree = asDict(info.get('file tree'))
  if (tree === null) throw new FormatError('file-tree-missing', 'a v2 torrent needs a file tree')
  const files: ListedFile[] = []
  walk(tree, [], files)
  return files
}

/** Whether the tree is one file and nothing else. */
export function isSingleFileTree(info: BencodeDict): boolean {
  const tree = asDict(info.get('file tree'))
  if (tree?.size !== 1) return false
  const [only] = tree.entries()
  return asDict(only?.[1])?.has('') === true
}

/** Recursion is bounded by the decoder's depth. */
function walk(folder: BencodeDict, path: readonly Uint8Array[], files: ListedFile[]): void {
  if (path.length >= METAINFO_LIMITS.pathDepth) {
    throw new FormatError('path-too-deep', `folders nest deeper than ${METAINFO_LIMITS.pathDepth}`)
  }
  for (const [key, value] of folder.entries()) {
    if (key === '')
      throw new FormatError('file-tree-invalid', 'a folder of the file tree has an entry without a name')
    const node = asDict(value)
    const elements = [...path, latin1Bytes(key)]
    const where = (): string => `"${safeElement(latin1Bytes(key))}" in the file tree`
    if (node === null) throw new FormatError('file-tree-invalid', `${where()} is not a dictionary`)
    if (node.has('') && node.size === 1) files.push(readFile(node.get(''), elements, where))
    else walk(node, elements, files)
  }
}

function readFile(entry: Bencode | undefined, path: readonly Uint8Array[], where: Where): ListedFile {
  const file = asDict(entry)
  if (file === null) throw new FormatError('file-tree-invalid', `${where()} is not a dictionary`)
  const attributes = readAttributes(file)
  if (attributes.isPad)
    throw new FormatError('pad-file-in-tree', `${where()} is a pad file, which v2 does not have`)
  const length = readLength(file, attributes, where)
  if (length > METAINFO_LIMITS.v2FileLength) {
    throw new FormatError(
      'file-length-invalid',
      `${where()} is larger than ${METAINFO_LIMITS.v2FileLength} bytes`,
    )
  }
  return {
    ...attributes,
    path,
    length,
    symlink: readSymlink(file, attributes, where),
    piecesRoot: length > 0 ? readRoot(file, where) : null,
    mtimeSeconds: readMtime(file),
  }
}

function readRoot(file: BencodeDict, where: Where): Uint8Array {
  const root = asBytes(file.get('pieces root'))
  if (root?.length !== SHA256_LENGTH || root.every(byte => byte === 0)) {
    throw new FormatError('pieces-root-missing', `${where()} has no pieces root of ${SHA256_LENGTH} bytes`)
  }
  return root
}
