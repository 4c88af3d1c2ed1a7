import { asBytes, asDict, asInteger, asText, type BencodeDict } from '../bencode/bencode.ts'
import { decodeBencode, decodeBencodeWhole } from '../bencode/decode.ts'
import { utf8Text } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import { type InfoHashes, torrentIdOf } from '../core/ids.ts'
import type { Digest } from '../core/ports.ts'
import { type FileEntry, fileEntries } from './file-entry.ts'
import { BLOCK_LENGTH, Geometry } from './geometry.ts'
import { joinHybridFiles } from './hybrid-files.ts'
import { METAINFO_LIMITS } from './limits.ts'
import type { ListedFile } from './listed-file.ts'
import { cleanElement } from './safe-path.ts'
import { readName, readV1Files } from './v1-files.ts'
import { isSingleFileTree, readV2Files } from './v2-files.ts'
import { type Warning, Warnings } from './warning.ts'

const SHA1_LENGTH = 20

/** What an info dictionary says, checked: the part of a torrent that its info-hashes stand for. */
export interface Info {
  /** Safe as a name on every system. For a torrent of several files, their folder. */
  readonly name: string
  /** The name as the torrent has it, invalid UTF-8 as U+FFFD: for URLs of web seeds (BEP 19), never for a disk. */
  readonly originalName: string
  readonly hashes: InfoHashes
  /** The info dictionary byte for byte as it was received. */
  readonly bytes: Uint8Array
  readonly version: 'v1' | 'v2' | 'hybrid'
  /** BEP 27: peers come from the torrent's trackers alone. */
  readonly isPrivate: boolean
  readonly source: string | null
  /** True where the file lies directly in the download folder, false where there is a folder called `name`. */
  readonly isSingleFile: boolean
  /** With pads, in the order of the pieces. */
  readonly files: readonly FileEntry[]
  readonly geometry: Geometry
  /** v1 and hybrid: a SHA-1 of 20 bytes a piece. */
  readonly pieces: Uint8Array | null
  readonly warnings: readonly Warning[]
}

export interface ParseOptions {
  /** Refuses what a correct program never writes, such as unsorted keys in v1. Default false: that is a warning. */
  readonly isStrict?: boolean
}

/**
 * Reads and checks an info dictionary, from a torrent file or from peers (BEP 3, 9, 47, 52). `bytes` are hashed as they
 * are and copied. Throws `FormatError` with a code for each fault.
 */
export function parseInfo(bytes: Uint8Array, digest: Digest, options: ParseOptions = {}): Info {
  if (bytes.length > METAINFO_LIMITS.infoLength) {
    throw new FormatError('info-too-long', `the info dictionary has ${bytes.length} bytes, too many`)
  }
  const own = new Uint8Array(bytes)
  const warnings = new Warnings()
  return readInfo(decodeInfo(own, options, warnings), own, digest, warnings)
}

/**
 * As `parseInfo`, of a dictionary that is decoded already and was found to have no oddities. `bytes` are the dictionary's
 * own, and must not change any more: nothing is copied.
 */
export function readInfo(
  info: BencodeDict,
  bytes: Uint8Array,
  digest: Digest,
  warnings = new Warnings(),
): Info {
  const version = readVersion(info)
  const hashes: InfoHashes = {
    ...(version !== 'v2' && { v1: digest.sha1(bytes) }),
    ...(version !== 'v1' && { v2: digest.sha256(bytes) }),
  }
  const pieceLength = readPieceLength(info, version, warnings)
  const originalName = readName(info)
  const name = cleanElement(originalName) ?? torrentIdOf(hashes)
  const { files, isSingleFile } = listFiles(info, version, pieceLength)
  if (!isSingleFile && name !== utf8Text(originalName)) {
    warnings.add(
      'name-changed',
      `the torrent's folder is called "${name}" on disk, which is safer than its name`,
    )
  }
  const geometry = makeGeometry(files, pieceLength, version)
  return {
    name,
    originalName: utf8Text(originalName),
    hashes,
    bytes,
    version,
    isPrivate: (asInteger(info.get('private')) ?? 0) !== 0,
    source: asText(info.get('source')),
    isSingleFile,
    files: fileEntries(files, geometry, { name, isSingleFile }, warnings),
    geometry,
    pieces: version === 'v2' ? null : readPieces(info, geometry.pieceCount),
    warnings: warnings.list(),
  }
}

function decodeInfo(bytes: Uint8Array, options: ParseOptions, warnings: Warnings): BencodeDict {
  const { value, oddities } = decodeBencodeWhole(bytes, options)
  const info = asDict(value)
  if (info === null) throw new FormatError('info-missing', 'the info dictionary is not a dictionary')
  // What one program reads so and another otherwise must not share a v2 hash (BEP 52); v1 has to live with it.
  if (oddities.length > 0 && info.has('meta version')) decodeBencode(bytes, { isStrict: true })
  for (const oddity of oddities) warnings.add(oddity.code, oddity.message)
  return info
}

/** BEP 52: the version is looked at before all else. */
function readVersion(info: BencodeDict): Info['version'] {
  const version = asInteger(info.get('meta version'))
  if (!info.has('meta version')) {
    if (!info.has('file tree')) return 'v1'
    throw new FormatError('meta-version-missing', 'there is a v2 file tree but no meta version')
  }
  if (version !== 2) {
    throw new FormatError(
      'meta-version-unsupported',
      `meta version ${version ?? 'of a strange type'} is not known, only 2`,
    )
  }
  return info.has('files') || info.has('length') ? 'hybrid' : 'v2'
}

/** v1: any length that is not absurd. v2: a power of two of at least 16 KiB (BEP 52). */
function readPieceLength(info: BencodeDict, version: Info['version'], warnings: Warnings): number {
  const length = asInteger(info.get('piece length'))
  if (length === null || length <= 0 || length > METAINFO_LIMITS.pieceLength) {
    throw new FormatError(
      'piece-length-invalid',
      `the piece length is not from 1 to ${METAINFO_LIMITS.pieceLength} bytes`,
    )
  }
  const isUsual = length >= BLOCK_LENGTH && Number.isInteger(Math.log2(length))
  if (!isUsual && version !== 'v1') {
    throw new FormatError(
      'piece-length-invalid',
      `a v2 piece length of ${length} is not a power of two from 16384`,
    )
  }
  if (!isUsual)
    warnings.add(
      'piece-length-unusual',
      `pieces have ${length} bytes, which is not a power of two from 16384`,
    )
  return length
}

function listFiles(
  info: BencodeDict,
  version: Info['version'],
  pieceLength: number,
): { files: readonly ListedFile[]; isSingleFile: boolean } {
  const v2 = version === 'v1' ? null : readV2Files(info)
  if (version === 'v2' && v2) return checked(v2, isSingleFileTree(info))
  const v1 = readV1Files(info)
  const { files } = checked(v1.files, v1.isSingleFile)
  return { files: v2 ? joinHybridFiles(files, v2, pieceLength) : files, isSingleFile: v1.isSingleFile }
}

function checked<T extends readonly ListedFile[]>(
  files: T,
  isSingleFile: boolean,
): { files: T; isSingleFile: boolean } {
  if (files.length === 0) throw new FormatError('no-files', 'the torrent lists no files')
  let mapped = 0
  for (const file of files) mapped += file.length
  if (mapped > METAINFO_LIMITS.mappedLength) {
    throw new FormatError(
      'file-length-invalid',
      `the files together are larger than ${METAINFO_LIMITS.mappedLength} bytes`,
    )
  }
  return { files, isSingleFile }
}

function makeGeometry(files: readonly ListedFile[], pieceLength: number, version: Info['version']): Geometry {
  const geometry = new Geometry({ pieceLength, files, layout: version === 'v2' ? 'aligned' : 'packed' })
  if (geometry.pieceCount > METAINFO_LIMITS.pieces) {
    throw new FormatError(
      'too-many-pieces',
      `${geometry.pieceCount} pieces, ${METAINFO_LIMITS.pieces} are allowed`,
    )
  }
  if (geometry.contentLength === 0)
    throw new FormatError('content-empty', 'the torrent has no content: all its files are empty')
  return geometry
}

function readPieces(info: BencodeDict, pieceCount: number): Uint8Array {
  const pieces = asBytes(info.get('pieces'))
  if (pieces === null) throw new FormatError('pieces-missing', 'a v1 torrent needs the hashes of its pieces')
  if (pieces.length % SHA1_LENGTH !== 0) {
    throw new FormatError(
      'pieces-invalid',
      `the piece hashes have ${pieces.length} bytes, not a multiple of ${SHA1_LENGTH}`,
    )
  }
  const count = pieces.length / SHA1_LENGTH
  if (count !== pieceCount) {
    throw new FormatError('pieces-count', `there are ${count} piece hashes for ${pieceCount} pieces`)
  }
  return pieces
}
