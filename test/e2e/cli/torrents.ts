/** Small torrents made in memory. */

import { createHash } from 'node:crypto'
import { buildTorrent, planTorrent } from '../../../src/metainfo/build.ts'

/** A v1 torrent of files `{ 'path/in/it': content }`; one file without a folder where there is one path only. */
export function v1Torrent(
  name: string,
  content: Readonly<Record<string, string>>,
  details: Parameters<typeof buildTorrent>[2] = {},
): Uint8Array {
  const paths = Object.keys(content)
  const plan = planTorrent({
    name,
    isSingleFile: paths.length === 1 && paths[0] === name,
    files: paths.map(path => ({ path: path.split('/'), length: Buffer.byteLength(content[path]!) })),
    format: 'v1',
    pieceLength: 16384,
  })
  const bytes = Buffer.concat(plan.files.map(file => Buffer.from(content[file.path.join('/')]!)))
  const hashes: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 16384) {
    hashes.push(
      createHash('sha1')
        .update(bytes.subarray(at, at + 16384))
        .digest(),
    )
  }
  return buildTorrent(plan, { v1: new Uint8Array(Buffer.concat(hashes)) }, details)
}
