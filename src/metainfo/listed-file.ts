import { asBytes, asInteger, asList, type Bencode, type BencodeDict } from '../bencode/bencode.ts'
import { latin1Text } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import { METAINFO_LIMITS } from './limits.ts'

/** A file as the info dictionary lists it, in v1 or in v2, before its path is made safe. */
export interface ListedFile {
  /** The parts of the path as they were received. Empty only for a pad file without one. */
  readonly path: readonly Uint8Array[]
  readonly length: number
  readonly isPad: boolean
  readonly isExecutable: boolean
  readonly isHidden: boolean
  /** Whether it says to be a link; where it names no target, it is read as an empty file. */
  readonly isSymlink: boolean
  /** BEP 47: where the link points to, from the torrent's folder; null for a file that is no link. */
  readonly symlink: readonly Uint8Array[] | null
  /** v2 only, and only for a file that is not empty. */
  readonly piecesRoot: Uint8Array | null
  /** Seconds since 1970; null where nothing is said. */
  readonly mtimeSeconds: number | null
}

export interface Attributes {
  readonly isPad: boolean
  readonly isExecutable: boolean
  readonly isHidden: boolean
  readonly isSymlink: boolean
}

const NO_ATTRIBUTES: Attributes = { isPad: false, isExecutable: false, isHidden: false, isSymlink: false }

/** BEP 47: one letter an attribute, unknown letters mean nothing. */
export function readAttributes(file: BencodeDict): Attributes {
  const attr = asBytes(file.get('attr'))
  if (attr === null) return NO_ATTRIBUTES
  const letters = latin1Text(attr.subarray(0, 16))
  return {
    isPad: letters.includes('p'),
    isExecutable: letters.includes('x'),
    isHidden: letters.includes('h'),
    isSymlink: letters.includes('l'),
  }
}

/** What an error is about, in words: most files are without one. */
export type Where = () => string

/** A link has no bytes of its own, whatever is said. Throws `FormatError` `file-length-invalid`. */
export function readLength(file: BencodeDict, { isSymlink }: Attributes, where: Where): number {
  if (isSymlink) return 0
  const length = asInteger(file.get('length'))
  if (length === null || length < 0) {
    throw new FormatError('file-length-invalid', `${where()} has no length of 0 or more bytes`)
  }
  return length
}

/** The target of a link, `.` and `..` left out; null where the file is no link or says no target. */
export function readSymlink(file: BencodeDict, { isSymlink }: Attributes, where: Where): Uint8Array[] | null {
  const value = asList(file.get('symlink path'))
  if (!isSymlink || value === null) return null
  const elements = readElements(value, () => `the link target of ${where()}`)
  const target = elements.filter(element => !isDots(element))
  return target.length > 0 ? target : null
}

export function readMtime(file: BencodeDict): number | null {
  return asInteger(file.get('mtime'))
}

/** Throws `FormatError` `path-invalid` for anything but strings, `path-too-deep` for too many of them. */
export function readElements(list: readonly Bencode[], where: Where): Uint8Array[] {
  if (list.length > METAINFO_LIMITS.pathDepth) {
    throw new FormatError(
      'path-too-deep',
      `${where()} has ${list.length} parts, ${METAINFO_LIMITS.pathDepth} are allowed`,
    )
  }
  return list.map(element => {
    const bytes = asBytes(element)
    if (bytes === null) throw new FormatError('path-invalid', `${where()} has a part that is not a string`)
    return bytes
  })
}

function isDots(element: Uint8Array): boolean {
  const text = latin1Text(element.subarray(0, 3))
  return text === '.' || text === '..'
}
