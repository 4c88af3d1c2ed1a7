/**
 * What a torrent costs that nobody asks for, awake and at rest: `node -C shoal-source --expose-gc bench/idle-torrents.ts`.
 * It takes a little longer than a torrent stays awake without peers.
 *
 *   --torrents 1000   how many
 *   --pieces 4000     of each
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { encodeBencode } from '../src/bencode/encode.ts'
import { encodeTorrentFile } from '../src/metainfo/torrent-file.ts'
import { openSession } from '../src/client/node.ts'
import type { Session } from '../src/client/session.ts'
import { systemSecrets } from '../src/net/system-secrets.ts'

const MIB = 2 ** 20

const { values } = parseArgs({
  options: { torrents: { type: 'string', default: '1000' }, pieces: { type: 'string', default: '4000' } },
})

/** A torrent of content that nobody has. */
function torrentFile(index: number, pieces: number): Uint8Array {
  const infoBytes = encodeBencode({
    name: `content ${index}`,
    'piece length': MIB,
    pieces: systemSecrets.bytes(20 * pieces),
    length: pieces * MIB,
  })
  return encodeTorrentFile({ infoBytes })
}

/** Bytes in use: objects and what hangs on them. */
function memory(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function resting(session: Session): number {
  return session.torrents().filter(torrent => torrent.status().isResting).length
}

async function bench(torrents: number, pieces: number): Promise<void> {
  if (!globalThis.gc) throw new Error('run it with node --expose-gc')
  const folder = await mkdtemp(join(tmpdir(), 'shoal-idle-'))
  const session = await openSession({ stateFolder: join(folder, 'state'), listen: [] })
  try {
    const before = memory()
    for (let index = 0; index < torrents; index++) {
      const torrent = await session.add(
        { torrentFile: torrentFile(index, pieces) },
        { folder, announces: false },
      )
      await torrent.checked()
    }
    const awake = (memory() - before) / torrents
    console.log(`${torrents} torrents of ${pieces} pieces, ${resting(session)} of them at rest by now`)
    while (resting(session) < torrents) await sleep(1000)
    const atRest = (memory() - before) / torrents
    console.log(
      `  awake ${(awake / 1024).toFixed(1)} KiB a torrent, at rest ${(atRest / 1024).toFixed(1)} KiB`,
    )
  } finally {
    await session.close()
    await rm(folder, { recursive: true })
  }
}

await bench(Number(values.torrents), Number(values.pieces))
