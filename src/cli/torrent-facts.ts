/** What several commands say of a torrent. */

import { formatHex } from '../core/bytes.ts'
import type { InfoHashes } from '../core/ids.ts'
import type { Magnet } from '../metainfo/magnet.ts'
import type { TorrentFile } from '../metainfo/torrent-file.ts'

/** The facts of `--json` that are the same everywhere. */
export function torrentFields(torrent: TorrentFile): Record<string, unknown> {
  const { info } = torrent
  return {
    name: info.name,
    ...hashFields(info.hashes),
    version: info.version,
    length: info.geometry.contentLength,
    pieceLength: info.geometry.pieceLength,
    pieces: info.geometry.pieceCount,
  }
}

export function hashPairs(hashes: InfoHashes, indent = ''): [string, string][] {
  const pairs: [string, string][] = []
  if (hashes.v1) pairs.push([`${indent}info-hash v1`, formatHex(hashes.v1)])
  if (hashes.v2) pairs.push([`${indent}info-hash v2`, formatHex(hashes.v2)])
  return pairs
}

/** The magnet link of a torrent file: hashes, name, trackers and web seeds. */
export function magnetOf(torrent: TorrentFile): Omit<Magnet, 'warnings'> {
  return {
    hashes: torrent.info.hashes,
    name: torrent.info.name,
    trackers: torrent.trackers.flat(),
    webSeeds: torrent.webSeeds,
    peers: [],
    selectOnly: null,
  }
}

/** `infoHashV1` and `infoHashV2` in hex, null for the one that is not there. */
export function hashFields(hashes: InfoHashes): { infoHashV1: string | null; infoHashV2: string | null } {
  return {
    infoHashV1: hashes.v1 ? formatHex(hashes.v1) : null,
    infoHashV2: hashes.v2 ? formatHex(hashes.v2) : null,
  }
}
