/** The pieces that hostile torrents are made of: correct torrents, of which the vectors change one field at a time. */

import { type Encodable, encodeBencode, RawBencode } from '../../../src/bencode/encode.ts'
import { concatBytes, latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import { naiveRoot } from '../../support/hash-plan.ts'

export type Fields = { readonly [key: string]: Encodable | undefined }

/** One torrent, and what has to become of it. */
export interface TorrentVector {
  /** What is wrong with it, in kebab case. */
  readonly name: string
  readonly make: () => Uint8Array
  readonly verdict: Verdict
}

export type Verdict =
  /** Refused: the code of the FormatError. */
  | { readonly error: string }
  /** Loaded: all that is given is compared exactly; warnings that are not given must not be there. */
  | {
      /** On disk, below the download folder, pads left out. */
      readonly paths: readonly string[]
      readonly warnings?: readonly string[]
      /** From the path of a link to that of its target. */
      readonly links?: Readonly<Record<string, string>>
      readonly pads?: readonly string[]
      readonly trackers?: readonly (readonly string[])[]
      readonly webSeeds?: readonly string[]
      readonly nodes?: readonly string[]
      readonly creationDate?: number | null
      readonly comment?: string | null
    }

export const PIECE_LENGTH = 16_384

/** Bytes one character each, for what is not UTF-8. */
export const bytes = latin1Bytes

/** Bencode as it stands, correct or not. */
export function raw(text: string): RawBencode {
  return new RawBencode(latin1Bytes(text))
}

export function hashesFor(length: number, pieceLength = PIECE_LENGTH): Uint8Array {
  return new Uint8Array(Math.ceil(length / pieceLength) * 20).fill(0x78)
}

export function torrent(info: Encodable, outer: Fields = {}): Uint8Array {
  return encodeBencode({ announce: 'http://tracker.example/announce', info, ...outer })
}

/** A correct v1 torrent of one file, with other fields in its info dictionary. */
export function single(info: Fields = {}, outer: Fields = {}): Uint8Array {
  return torrent(
    { length: 425, name: 'temp', 'piece length': PIECE_LENGTH, pieces: hashesFor(425), ...info },
    outer,
  )
}

export interface V1File {
  readonly path?: Encodable
  readonly length: Encodable
  readonly [key: string]: Encodable | undefined
}

export function file(path: readonly (string | Uint8Array)[], length = 100, extra: Fields = {}): V1File {
  return { path, length, ...extra }
}

/** A correct v1 torrent of a folder called `temp`, with other fields in its info dictionary. */
export function folder(files: readonly V1File[], info: Fields = {}): Uint8Array {
  const total = files.reduce(
    (sum, { length, attr }) => sum + (attr === 'l' ? 0 : typeof length === 'number' ? length : 0),
    0,
  )
  const pieces = 'pieces' in info ? info['pieces'] : hashesFor(total)
  return torrent({ files, name: 'temp', 'piece length': PIECE_LENGTH, ...info, pieces })
}

/** Not the root of anything, but not all zeros either: nothing can tell while there is no content. */
export const SOME_ROOT = new Uint8Array(32).fill(0x72)

export function leaf(length: number, extra: Fields = {}): Encodable {
  return { '': { length, 'pieces root': length > 0 ? SOME_ROOT : undefined, ...extra } }
}

/** The hashes of a file's pieces, and the root they lead to. */
export function layerOf(pieceCount: number): { layer: Uint8Array; root: Uint8Array } {
  const hashes = Array.from({ length: pieceCount }, (_, i) => new Uint8Array(32).fill(i + 1))
  return { layer: concatBytes(hashes), root: naiveRoot(hashes, 2 ** Math.ceil(Math.log2(pieceCount))) }
}

/** A correct v2 torrent of a file tree, with other fields in its info dictionary. */
export function v2(tree: Encodable, info: Fields = {}, outer: Fields = {}): Uint8Array {
  return torrent(
    { 'file tree': tree, 'meta version': 2, name: 'temp', 'piece length': PIECE_LENGTH, ...info },
    { 'piece layers': {}, ...outer },
  )
}

/** A correct v2 torrent of one file of three pieces, with other piece layers than its own. */
export function v2WithLayers(
  layers: (own: { layer: Uint8Array; root: Uint8Array }) => Encodable | undefined,
): Uint8Array {
  const own = layerOf(3)
  const length = 3 * PIECE_LENGTH
  return v2({ 'big.bin': { '': { length, 'pieces root': own.root } } }, {}, { 'piece layers': layers(own) })
}

/** A hybrid: a file tree and a list of files that are to say the same. */
export function hybrid(tree: Encodable, files: readonly V1File[], info: Fields = {}): Uint8Array {
  const total = files.reduce((sum, { length }) => sum + (length as number), 0)
  return v2(tree, { files, pieces: hashesFor(total), ...info })
}

export function pad(length: number): V1File {
  return { attr: 'p', length, path: ['.pad', String(length)] }
}

/** A key of a dictionary: bytes are keys too. */
export function key(name: Uint8Array): string {
  return latin1Text(name)
}
