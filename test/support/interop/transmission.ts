/** Transmission as a seed and a leech. It meets others through a tracker only. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PYTHON, run } from '../programs.ts'
import type { Program } from './program.ts'
import { type Sample, writeSample } from './samples.ts'
import { isTraced, type Scene } from './scene.ts'

const PEER = fileURLToPath(new URL('transmission-peer.py', import.meta.url))
const PORT = 51413

/** Seeds a torrent of its own making; it is there once its tracker knows of it. */
export async function startTransmissionSeed(
  scene: Scene,
  { sample, tracker }: { sample: Sample; tracker: string },
): Promise<{ torrent: string }> {
  const folder = scene.folder('transmission seed')
  const torrent = join(scene.folder('transmission torrent'), 'made by transmission.torrent')
  const size = String(sample.pieceLength / 1024)
  run('transmission-create', ['-s', size, '-t', tracker, '-o', torrent, writeSample(sample, folder)])
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
