import { defineLimits } from '../core/limits.ts'

/** What one torrent may ask of us. */
export const METAINFO_LIMITS = defineLimits('metainfo', {
  torrentFileLength: [10_000_000, 'bytes', 'a whole torrent file; the largest in the wild have a few MB'],
  infoLength: [16 * 1024 * 1024, 'bytes', 'an info dictionary from peers (BEP 9)'],
  pieces: [0x20_0000, 'entries', 'pieces of one torrent: 32 GiB at 16 KiB, 32 TiB at 16 MiB'],
  pieceLength: [512 * 1024 * 1024, 'bytes', 'one piece'],
  mappedLength: [2 ** 50, 'bytes', 'all files of one torrent, pads counted'],
  v2FileLength: [
    2 ** 44 - 1,
    'bytes',
    'one file of a v2 torrent: its merkle tree has fewer than 2^30 leaves',
  ],
  pathDepth: [100, 'levels', 'folders inside one another'],
  pathLength: [4096, 'bytes', 'a whole path in UTF-8, the torrent’s folder included; PATH_MAX of Linux'],
  elementLength: [255, 'bytes', 'one name in UTF-8; NAME_MAX of most systems'],
  sameNames: [100, 'times', 'files of one torrent that would have the same path; more is an attack'],
  trackers: [500, 'entries', 'tracker URLs of one torrent'],
  webSeeds: [100, 'entries', 'web seed URLs of one torrent'],
  urlLength: [2048, 'bytes', 'one URL of a torrent or a magnet link'],
  nodes: [100, 'entries', 'DHT nodes named by one torrent (BEP 5)'],
  magnetLength: [65_536, 'bytes', 'a magnet link'],
  magnetPeers: [100, 'entries', 'x.pe of one magnet link (BEP 9)'],
  selectRanges: [1000, 'entries', 'ranges in the so of one magnet link (BEP 53)'],
  hashesPerRequest: [512, 'entries', 'hashes asked for at once, as BEP 52 advises'],
})
