/** Torrents as they are described: torrent files, info dictionaries, magnet links, piece and merkle arithmetic. */

export { buildTorrent, type TorrentDetails, type TorrentHashes } from './build.ts'
export { choosePieceLength } from './choose-piece-length.ts'
export type { FileEntry } from './file-entry.ts'
export { type FileHashes, fileHashesOf } from './file-hashes.ts'
export { BLOCK_LENGTH, type FileSpan, Geometry, type GeometryOptions } from './geometry.ts'
export {
  answerFromLeaves,
  answerFromTree,
  leafRange,
  pieceLayerRanges,
  pieceOfRange,
} from './hash-exchange.ts'
export { type HashRange, HashTree } from './hash-tree.ts'
export { type Info, type ParseOptions, parseInfo } from './info.ts'
export { METAINFO_LIMITS } from './limits.ts'
export { formatMagnet, type Magnet, parseMagnet } from './magnet.ts'
export type { MagnetPeer } from './magnet-parameters.ts'
export {
  formatPublisherMagnet,
  parsePublisherMagnet,
  type PublisherMagnet,
} from './publisher-magnet.ts'
export { decodeTorrentPointer, encodeTorrentPointer } from './torrent-pointer.ts'
export { HASH_LENGTH, merkleRoot, padHash, treeHeight } from './merkle.ts'
export { PieceHashes } from './piece-hashes.ts'
export {
  type Plan,
  type PlannedFile,
  type PlanOptions,
  planTorrent,
  type SourceFile,
} from './plan-torrent.ts'
export type { SelectRange } from './select-only.ts'
export {
  type DhtNode,
  encodeTorrentFile,
  parseTorrentFile,
  type TorrentFile,
  type TorrentFileParts,
} from './torrent-file.ts'
export type { Warning } from './warning.ts'
