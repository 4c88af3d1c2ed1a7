/** Torrents for a catalog, without files or hashing behind them. */

import { createHash } from 'node:crypto'
import type { Publication } from '../../../src/site/index.ts'

/** The hashes are made from the name; the torrent file is some bytes that hold it. */
export function publication(name: string, more: Partial<Publication> = {}): Publication {
  const v1 = new Uint8Array(createHash('sha1').update(name).digest())
  const v2 = new Uint8Array(createHash('sha256').update(name).digest())
  return {
    name,
    infoHashes: { v1, v2 },
    length: 1_234_567,
    fileCount: 3,
    torrentFile: new TextEncoder().encode(`d4:infod4:name${Buffer.byteLength(name)}:${name}ee`),
    magnet: `magnet:?xt=urn:btih:${Buffer.from(v1).toString('hex')}&dn=${encodeURIComponent(name.toWellFormed())}`,
    ...more,
  }
}
