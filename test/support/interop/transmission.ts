/** Transmission as a seed and a leech. It meets others through a tracker only. */

import { fileURLToPath } from 'node:url'
import { PYTHON } from '../programs.ts'
import { makeMktorrent, makeTransmissionTorrent } from './other-torrents.ts'
import type { Program } from './program.ts'
import { type Sample, writeSample } from './samples.ts'
import { isTraced, type Scene } from './scene.ts'

const PEER = fileURLToPath(new URL('transmission-peer.py', import.meta.url))
const PORT = 51413

/**
 * Seeds a torrent that mktorrent made, or one of its own making (which has no empty files in it). It is there once its
 * tracker knows of it.
 */
export async function startTransmissionSeed(
  scene: Scene,
  { sample, tracker, isOwnMaking = false }: { sample: Sample; tracker: string; isOwnMaking?: boolean },
): Promise<{ torrent: string }> {
  const folder = scene.folder('transmission seed')
  const content = writeSample(sample, folder)
  const torrent = isOwnMaking
    ? makeTransmissionTorrent(scene, { content, tracker, pieceLength: sample.pieceLength })
    : makeMktorrent(scene, { content, tracker, pieceLength: sample.pieceLength })
  const program = startTransmission(scene, 'transmission seed', { folder, torrent })
  await program.event({ type: 'seeding' })
  return { torrent }
}

export function startTransmissionLeech(
  scene: Scene,
  { source }: { source: { torrent: string } | { magnet: string } },
): { program: Program; folder: string } {
  const folder = scene.folder('transmission leech')
  return { program: startTransmission(scene, 'transmission leech', { folder, ...source }), folder }
}

function startTransmission(
  scene: Scene,
  name: string,
  what: { folder: string } & ({ torrent: string } | { magnet: string }),
): Program {
  const job = { ...what, address: scene.net.address(), port: PORT, isTraced }
  return scene.start(name, [PYTHON, PEER, JSON.stringify(job)])
}
