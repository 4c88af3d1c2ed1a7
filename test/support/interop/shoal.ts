/** shoal as people run it, `bin/shoal.js`, as a seed, a leech and a tracker. */

import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { Program } from './program.ts'
import { type Sample, writeSample } from './samples.ts'
import type { Scene } from './scene.ts'

const LAUNCHER = fileURLToPath(new URL('../../../bin/shoal.js', import.meta.url))
const PORT = 6881

export interface Place {
  readonly host: string
  readonly port: number
}

export interface ShoalSeed {
  readonly program: Program
  readonly at: Place
  /** The torrent file it wrote. */
  readonly torrent: string
  readonly magnet: string
}

/** Publishes a sample: makes its torrent and serves it. */
export async function startShoalSeed(
  scene: Scene,
  { sample, format, trackers = [] }: { sample: Sample; format: string; trackers?: readonly string[] },
): Promise<ShoalSeed> {
  const folder = scene.folder('shoal seed')
  const torrent = join(folder, 'made by shoal.torrent')
  const content = writeSample(sample, scene.folder('shoal seed content'))
  const at = { host: scene.net.address(), port: PORT }
  const program = startShoal(scene, 'shoal seed', [
    ...['seed', content, '--format', format, '--piece-length', String(sample.pieceLength), '-o', torrent],
    ...trackers.flatMap(tracker => ['--tracker', tracker]),
    ...['--bind', at.host, '--port', String(at.port), '--state', scene.folder('shoal seed state')],
  ])
  const { magnet } = await program.event({ type: 'ready' })
  if (trackers.length > 0) await program.event({ type: 'alert', alert: 'tracker-answered', event: 'started' })
  return { program, at, torrent, magnet: String(magnet) }
}

export interface ShoalLeech {
  readonly program: Program
  readonly folder: string
}

/** Downloads `source`, a torrent file or a magnet link. */
export function startShoalLeech(
  scene: Scene,
  { source, peers = [], name = 'shoal leech' }: { source: string; peers?: readonly Place[]; name?: string },
): ShoalLeech {
  const folder = scene.folder(name)
  const program = startShoal(scene, name, [
    ...['get', source, '--dir', folder],
    ...peers.flatMap(({ host, port }) => ['--peer', `${host}:${port}`]),
    ...['--bind', scene.net.address(), '--port', String(PORT), '--state', scene.folder(`${name} state`)],
  ])
  return { program, folder }
}

/** A tracker of ours, for whoever comes. */
export async function startShoalTracker(scene: Scene): Promise<{ announceUrl: string }> {
  const args = ['tracker', '--bind', scene.net.address(), '--http-port', '6969']
  const { announce } = await startShoal(scene, 'shoal tracker', args).event({ type: 'ready' })
  return { announceUrl: String(announce) }
}

function startShoal(scene: Scene, name: string, args: readonly string[]): Program {
  return scene.start(name, [process.execPath, '-C', 'shoal-source', LAUNCHER, ...args, '--json'])
}
