import type { Info } from '../../../src/metainfo/info.ts'
import { buildTorrent, planTorrent } from '../../../src/metainfo/build.ts'
import { parseTorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { workerDigest } from '../../../src/storage/worker-digest.ts'

/** A v1 torrent called T with files of these lengths, whose piece hashes are zeros. */
export function infoOf(lengths: Readonly<Record<string, number>>, pieceLength = 32_768): Info {
  const files = Object.entries(lengths).map(([path, length]) => ({ path: path.split('/'), length }))
  const plan = planTorrent({ name: 'T', isSingleFile: false, files, format: 'v1', pieceLength })
  const v1 = new Uint8Array(plan.geometry.pieceCount * 20)
  return parseTorrentFile(buildTorrent(plan, { v1 }), workerDigest).info
}
