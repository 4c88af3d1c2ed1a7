/** opentracker, over HTTP and UDP. Debian's serves only torrents that it was told of. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatHex } from '../../../src/core/bytes.ts'
import { swarmKeys } from '../../../src/core/ids.ts'
import { parseTorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { testDigest } from '../hash-plan.ts'
import type { Scene } from './scene.ts'

const PORT = 6969

export interface Opentracker {
  readonly announceUrl: string
  readonly udpUrl: string
  /** Starts it, for this torrent only: where it is has to be known before, to be written into the torrent. */
  start(torrent: string): Promise<void>
}

export function placeOpentracker(scene: Scene): Opentracker {
  const host = scene.net.address()
  return {
    announceUrl: `http://${host}:${PORT}/announce`,
    udpUrl: `udp://${host}:${PORT}/announce`,
    start: async torrent => {
      const folder = scene.folder('opentracker')
      const { hashes } = parseTorrentFile(readFileSync(torrent), testDigest).info
      writeFileSync(
        join(folder, 'allowed'),
        swarmKeys(hashes)
          .map(key => `${formatHex(key)}\n`)
          .join(''),
      )
      const place = ['-i', host, '-p', String(PORT), '-P', String(PORT), '-d', folder, '-w', 'allowed']
      await scene.start('opentracker', ['opentracker', ...place]).listens(host, PORT)
    },
  }
}
