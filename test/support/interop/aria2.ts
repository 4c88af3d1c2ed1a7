/** aria2 as a seed and a leech (v1 only). It meets others through a tracker only. */

import { makeMktorrent } from './other-torrents.ts'
import type { Program } from './program.ts'
import { type Sample, writeSample } from './samples.ts'
import { isTraced, type Scene } from './scene.ts'

/** Seeds a torrent that mktorrent made; it is there once it has checked what is on disk. */
export async function startAria2Seed(
  scene: Scene,
  { sample, tracker }: { sample: Sample; tracker: string },
): Promise<{ torrent: string }> {
  const folder = scene.folder('aria2 seed')
  const content = writeSample(sample, folder)
  const torrent = makeMktorrent(scene, { content, tracker, pieceLength: sample.pieceLength })
  const program = startAria2(scene, 'aria2 seed', [
    ...['--check-integrity=true', '--seed-ratio=0.0', `--dir=${folder}`, torrent],
  ])
  await program.find('word that it seeds', line => (/SEED\(|Seeder state/.test(line) ? line : null))
  return { torrent }
}

/** Ends when it has everything. */
export function startAria2Leech(
  scene: Scene,
  { source }: { source: string },
): { program: Program; folder: string } {
  const folder = scene.folder('aria2 leech')
  return {
    program: startAria2(scene, 'aria2 leech', ['--seed-time=0', `--dir=${folder}`, source]),
    folder,
  }
}

function startAria2(scene: Scene, name: string, args: readonly string[]): Program {
  return scene.start(name, [
    'aria2c',
    '--no-conf',
    `--interface=${scene.net.address()}`,
    '--listen-port=6881',
    '--enable-dht=false',
    '--enable-dht6=false',
    '--bt-enable-lpd=false',
    '--enable-peer-exchange=false',
    '--file-allocation=none',
    '--summary-interval=0',
    `--console-log-level=${isTraced ? 'debug' : 'info'}`,
    ...args,
  ])
}
