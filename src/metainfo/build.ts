import { type Encodable, encodeBencode } from '../bencode/encode.ts'
import { formatHex, latin1Text, utf8Bytes } from '../core/bytes.ts'
import { UsageError } from '../core/errors.ts'
import type { FileHashes } from './file-hashes.ts'
import type { Plan, PlannedFile } from './plan-torrent.ts'
import { encodeTorrentFile } from './torrent-file.ts'

export { type Plan, type PlanOptions, planTorrent } from './plan-torrent.ts'

/** What hashing the planned files found. */
export interface TorrentHashes {
  /** v1 and hybrid: a SHA-1 of 20 bytes a piece. */
  readonly v1?: Uint8Array | null
  /** v2 and hybrid: one entry a file of the plan, null for pads, links and empty files: see `fileHashesOf`. */
  readonly v2?: readonly (FileHashes | null)[] | null
}

/** What a torrent says beside its content. */
export interface TorrentDetails {
  /** Tiers of tracker URLs (BEP 12). */
  readonly trackers?: readonly (readonly string[])[]
  readonly webSeeds?: readonly string[]
  /** BEP 27. Part of the info dictionary, as is `source`: both change the info-hash. */
  readonly isPrivate?: boolean
  readonly source?: string | null
  readonly comment?: string | null
  readonly createdBy?: string | null
  /** Seconds since 1970. */
  readonly creationDate?: number | null
}

/** The bytes of the torrent file. Throws `UsageError` `hashes-missing` where the hashes do not fit the plan. */
export function buildTorrent(plan: Plan, hashes: TorrentHashes, details: TorrentDetails = {}): Uint8Array {
  checkHashes(plan, hashes)
  const { trackers, webSeeds, comment, createdBy, creationDate } = details
  const layers = plan.format === 'v1' ? null : layersOf(hashes.v2 ?? [])
  return encodeTorrentFile({
    infoBytes: encodeInfo(plan, hashes, details),
    ...(trackers && { trackers }),
    ...(webSeeds && { webSeeds }),
    ...(layers && { layers }),
    comment: comment ?? null,
    createdBy: createdBy ?? null,
    creationDate: creationDate ?? null,
  })
}

function checkHashes(plan: Plan, { v1, v2 }: TorrentHashes): void {
  const isV1Fit = v1?.length === plan.geometry.pieceCount * 20
  const isV2Fit = plan.files.every(
    (file, index) => file.isPad || file.length === 0 || v2?.[index]?.root.length === 32,
  )
  if ((plan.format !== 'v2' && !isV1Fit) || (plan.format !== 'v1' && !isV2Fit)) {
    throw new UsageError('hashes-missing', `the hashes do not fit the plan of "${plan.name}"`)
  }
}

/** The info dictionary, whose bytes the info-hashes are of. */
function encodeInfo(plan: Plan, hashes: TorrentHashes, details: TorrentDetails): Uint8Array {
  const [first] = plan.files
  const isV1 = plan.format !== 'v2'
  const isV2 = plan.format !== 'v1'
  return encodeBencode({
    attr: isV1 && plan.isSingleFile && first ? attributes(first) : undefined,
    'file tree': isV2 ? fileTree(plan.files, hashes.v2 ?? []) : undefined,
    files: isV1 && !plan.isSingleFile ? plan.files.map(v1File) : undefined,
    length: isV1 && plan.isSingleFile ? first?.length : undefined,
    'meta version': isV2 ? 2 : undefined,
    name: plan.name,
    'piece length': plan.pieceLength,
    pieces: isV1 ? (hashes.v1 ?? undefined) : undefined,
    private: details.isPrivate ? 1 : undefined,
    source: details.source ?? undefined,
  })
}

function v1File(file: PlannedFile): Encodable {
  return {
    attr: attributes(file),
    length: file.length,
    mtime: file.mtimeSeconds,
    path: file.path,
    'symlink path': file.symlink ?? undefined,
  }
}

type Tree = Map<string, Encodable>

function fileTree(files: readonly PlannedFile[], hashes: readonly (FileHashes | null)[]): Tree {
  const tree: Tree = new Map()
  for (const [index, file] of files.entries()) {
    if (file.isPad) continue
    let folder = tree
    for (const element of file.path) folder = subfolder(folder, element)
    folder.set('', v2File(file, hashes[index] ?? null))
  }
  return tree
}

function subfolder(folder: Tree, name: string): Tree {
  const key = latin1Text(utf8Bytes(name))
  const known = folder.get(key)
  if (known instanceof Map) return known as Tree
  const made: Tree = new Map()
  folder.set(key, made)
  return made
}

function v2File(file: PlannedFile, hashes: FileHashes | null): Encodable {
  return {
    attr: attributes(file),
    length: file.symlink ? undefined : file.length,
    mtime: file.mtimeSeconds,
    'pieces root': file.length > 0 ? hashes?.root : undefined,
    'symlink path': file.symlink ?? undefined,
  }
}

/** BEP 47, in libtorrent's order of letters. */
function attributes(file: PlannedFile): string | undefined {
  const letters = [
    file.isPad ? 'p' : '',
    file.isHidden ? 'h' : '',
    file.isExecutable ? 'x' : '',
    file.symlink ? 'l' : '',
  ].join('')
  return letters === '' ? undefined : letters
}

function layersOf(hashes: readonly (FileHashes | null)[]): Map<string, Uint8Array> {
  const layers = new Map<string, Uint8Array>()
  for (const file of hashes) if (file?.layer) layers.set(formatHex(file.root), file.layer)
  return layers
}
