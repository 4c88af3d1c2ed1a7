import { compareBytes, utf8Bytes } from '../core/bytes.ts'
import { UsageError } from '../core/errors.ts'
import { choosePieceLength } from './choose-piece-length.ts'
import { BLOCK_LENGTH, Geometry } from './geometry.ts'
import { METAINFO_LIMITS } from './limits.ts'

export type TorrentFormat = 'hybrid' | 'v1' | 'v2'

/** A file that is to go into a torrent. */
export interface SourceFile {
  /** The parts of its path below the torrent's folder; of a single file, its name. */
  readonly path: readonly string[]
  /** In bytes. */
  readonly length: number
  readonly isExecutable?: boolean
  readonly isHidden?: boolean
  /** BEP 47: what the link points to, as parts below the torrent's folder. Its length must be 0. */
  readonly symlink?: readonly string[] | null
  /** Seconds since 1970; written only where it is given. */
  readonly mtimeSeconds?: number
}

export interface PlanOptions {
  /** Of the file or of the folder. */
  readonly name: string
  readonly isSingleFile: boolean
  readonly files: readonly SourceFile[]
  readonly format: TorrentFormat
  /** A power of two from 16 KiB. Default: `choosePieceLength`. */
  readonly pieceLength?: number
}

export interface PlannedFile extends SourceFile {
  readonly isPad: boolean
}

/** How a torrent will be laid out: what has to be hashed, in which order. */
export interface Plan {
  readonly name: string
  readonly isSingleFile: boolean
  readonly format: TorrentFormat
  readonly pieceLength: number
  /** In the order of the pieces, pads of a hybrid in between. */
  readonly files: readonly PlannedFile[]
  readonly geometry: Geometry
}

/**
 * Orders files and sets pads, so that programs agree on the info-hash: v1 as mktorrent does (whole paths by their
 * bytes), v2 and hybrids as their file tree is ordered (BEP 52), a hybrid of several files with a pad behind each
 * file that does not end a piece, the last one too (as libtorrent does).
 *
 * Throws `UsageError` `plan-empty`, `plan-path-invalid`, `plan-path-conflict`, `piece-length-invalid` or
 * `too-many-pieces`.
 */
export function planTorrent({ name, isSingleFile, files, format, pieceLength }: PlanOptions): Plan {
  let content = 0
  for (const file of files) content += file.length
  if (content === 0)
    throw new UsageError('plan-empty', `there is nothing to publish in "${name}": no file has content`)
  checkPaths(name, isSingleFile, files)
  const length = pieceLength ?? choosePieceLength(content)
  checkPieceLength(length, content)
  const ordered = inOrder(files, format)
  const isPadded = format === 'hybrid' && files.length > 1
  const planned = isPadded ? withPads(ordered, length) : ordered.map(file => ({ ...file, isPad: false }))
  return {
    name,
    isSingleFile,
    format,
    pieceLength: length,
    files: planned,
    geometry: new Geometry({
      pieceLength: length,
      files: planned,
      layout: format === 'v2' ? 'aligned' : 'packed',
    }),
  }
}

function checkPaths(name: string, isSingleFile: boolean, files: readonly SourceFile[]): void {
  const paths = new Set<string>()
  const folders = new Set<string>()
  if (!isElement(name) || (isSingleFile && (files.length !== 1 || files[0]?.path.length !== 1))) {
    throw new UsageError('plan-path-invalid', `a torrent cannot be called "${name}"`)
  }
  for (const { path } of files) {
    const text = path.join('/')
    if (path.length === 0 || !path.every(isElement)) {
      throw new UsageError('plan-path-invalid', `"${text}" cannot be the path of a file in a torrent`)
    }
    if (paths.has(text))
      throw new UsageError('plan-path-conflict', `there are two files with the path "${text}"`)
    paths.add(text)
    for (let depth = 1; depth < path.length; depth++) folders.add(path.slice(0, depth).join('/'))
  }
  for (const folder of folders) {
    if (paths.has(folder))
      throw new UsageError('plan-path-conflict', `"${folder}" is both a file and a folder`)
  }
}

function isElement(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0')
}

/** A power of two from 16 KiB, as BEP 52 demands and older programs expect, to what is read in a torrent. */
export function isPieceLength(length: number): boolean {
  return (
    length >= BLOCK_LENGTH && length <= METAINFO_LIMITS.pieceLength && Number.isInteger(Math.log2(length))
  )
}

function checkPieceLength(length: number, content: number): void {
  if (!isPieceLength(length)) {
    throw new UsageError(
      'piece-length-invalid',
      `${length} is not a piece length: a power of two from ${BLOCK_LENGTH} to ${METAINFO_LIMITS.pieceLength} is needed`,
    )
  }
  if (content / length > METAINFO_LIMITS.pieces) {
    throw new UsageError('too-many-pieces', `pieces of ${length} bytes are too small for ${content} bytes`)
  }
}

/** A file tree is ordered part by part; mktorrent compares whole paths, their slashes too. */
function inOrder(files: readonly SourceFile[], format: TorrentFormat): SourceFile[] {
  return files
    .map(file => ({ file, key: (format === 'v1' ? [file.path.join('/')] : file.path).map(utf8Bytes) }))
    .sort((a, b) => compareParts(a.key, b.key))
    .map(({ file }) => file)
}

function compareParts(a: readonly Uint8Array[], b: readonly Uint8Array[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = compareBytes(a[i]!, b[i]!)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function withPads(files: readonly SourceFile[], pieceLength: number): PlannedFile[] {
  return files.flatMap(file => {
    const planned = { ...file, isPad: false }
    const rest = file.length % pieceLength
    if (rest === 0) return [planned]
    const length = pieceLength - rest
    return [planned, { path: ['.pad', String(length)], length, isPad: true }]
  })
}
