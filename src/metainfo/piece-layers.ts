import { asBytes, asDict, type Bencode } from '../bencode/bencode.ts'
import { formatHex, latin1Bytes } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import type { Digest } from '../core/ports.ts'
import type { FileEntry } from './file-entry.ts'
import { HashTree } from './hash-tree.ts'
import type { Info } from './info.ts'
import { HASH_LENGTH } from './merkle.ts'
import type { Warnings } from './warning.ts'

/**
 * Reads `piece layers` (BEP 52) and checks each against the root of its file. Layers may be missing: they come from
 * peers then, with a warning. Throws `FormatError` `piece-layers-invalid` where it is no dictionary,
 * `piece-layer-key-invalid`, `piece-layer-unknown`, `piece-layer-size-invalid`, `piece-layer-mismatch`, and
 * `pieces-root-inconsistent` where files of different lengths share a root.
 */
export function readPieceLayers(
  value: Bencode | undefined,
  info: Info,
  digest: Digest,
  warnings: Warnings,
): Map<string, Uint8Array> {
  const layers = new Map<string, Uint8Array>()
  if (info.version === 'v1') return layers
  const filesByRoot = largeFiles(info)
  const dict = asDict(value)
  if (value !== undefined && dict === null) {
    throw new FormatError('piece-layers-invalid', 'the piece layers are not a dictionary')
  }
  for (const [key, layer] of dict?.entries() ?? []) {
    if (key.length !== HASH_LENGTH) {
      throw new FormatError(
        'piece-layer-key-invalid',
        `a piece layer has a key of ${key.length} bytes, not 32`,
      )
    }
    const root = formatHex(latin1Bytes(key))
    const file = filesByRoot.get(root)
    if (!file) throw new FormatError('piece-layer-unknown', `the piece layer ${root} belongs to no file`)
    const hashes = asBytes(layer)
    if (hashes === null)
      throw new FormatError('piece-layers-invalid', `the piece layer ${root} is not a string`)
    checkLayer(file, hashes, info, digest)
    layers.set(root, hashes)
  }
  if (layers.size < filesByRoot.size) {
    warnings.add('piece-layers-missing', 'piece layers are missing; they have to be fetched from peers')
  }
  return layers
}

/** One file for each root, by its hex: identical files share one, so each layer is hashed once. */
function largeFiles(info: Info): Map<string, FileEntry> {
  const files = new Map<string, FileEntry>()
  for (const file of info.files) {
    if (file.piecesRoot === null || file.length <= info.geometry.pieceLength) continue
    const root = formatHex(file.piecesRoot)
    const twin = files.get(root) ?? file
    if (twin.length !== file.length) {
      throw new FormatError(
        'pieces-root-inconsistent',
        `"${twin.displayPath}" and "${file.displayPath}" have one pieces root but not one length`,
      )
    }
    files.set(root, twin)
  }
  return files
}

function checkLayer(file: FileEntry, hashes: Uint8Array, info: Info, digest: Digest): void {
  const { pieceLength } = info.geometry
  const tree = new HashTree({ root: file.piecesRoot!, length: file.length, pieceLength, digest })
  if (hashes.length !== tree.pieceCount * HASH_LENGTH) {
    throw new FormatError(
      'piece-layer-size-invalid',
      `the piece layer of "${file.displayPath}" has ${hashes.length} bytes, not ${tree.pieceCount * HASH_LENGTH}`,
    )
  }
  if (!tree.addPieces(hashes)) {
    throw new FormatError(
      'piece-layer-mismatch',
      `the piece layer of "${file.displayPath}" is not the file's`,
    )
  }
}
