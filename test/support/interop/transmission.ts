/** Transmission as a seed and a leech. It meets others through a tracker, unless told otherwise. */

import { fileURLToPath } from 'node:url'
import { PYTHON } from '../programs.ts'
import { makeMktorrent, makeTransmissionTorrent } from './other-torrents.ts'
import type { Program } from './program.ts'
import { type Sample, writeSample } from './samples.ts'
import { isTraced, type Scene } from './scene.ts'
import type { Place } from './shoal.ts'

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
  const at = { host: scene.net.address(), port: PORT }
  const program = startTransmission(scene, 'transmission seed', { folder, torrent, at })
  await program.event({ type: 'seeding' })
  return { torrent }
}

export function startTransmissionLeech(
  scene: Scene,
  { source, ...ways }: { source: { torrent: string } | { magnet: string } } & LeechOptions,
): { program: Program; folder: string; at: Place } {
  const folder = scene.folder('transmission leech')
  const at = { host: scene.net.address(), port: PORT }
  const program = startTransmission(scene, 'transmission leech', { folder, at, ...ways, ...source })
  return { program, folder, at }
}

interface LeechOptions {
  /** Whether it exchanges peers. Default false. */
  readonly isPex?: boolean
  /** Whether it looks for peers in the local network. Default false. */
  readonly isLsd?: boolean
}

function startTransmission(
  scene: Scene,
  name: string,
  {
    at,
    isPex = false,
    isLsd = false,
    ...what
  }: { folder: string; at: Place } & LeechOptions & ({ torrent: string } | { magnet: string }),
): Program {
  const job = { ...what, isPex, isLsd, address: at.host, port: at.port, isTraced }
  return scene.start(name, [PYTHON, PEER, JSON.stringify(job)])
}
