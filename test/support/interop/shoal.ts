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

/** What the three ways of seeding have in common. */
interface Offer {
  readonly sample: Sample
  readonly format: string
  readonly trackers?: readonly string[]
}

/** Makes the torrent of a sample with `shoal create`, and says where both are. */
export async function makeShoalTorrent(
  scene: Scene,
  { sample, format, trackers = [] }: Offer,
): Promise<{ torrent: string; folder: string }> {
  const torrent = join(scene.folder('torrent of shoal'), 'made by shoal.torrent')
  const folder = scene.folder('shoal content')
  await startShoal(scene, 'shoal create', [
    ...['create', writeSample(sample, folder), '-o', torrent],
    ...creationFlags({ sample, format, trackers }),
  ]).succeeded()
  return { torrent, folder }
}

/** Publishes a sample: makes its torrent and serves it. */
export async function startShoalSeed(
  scene: Scene,
  { sample, format, trackers = [], flags = [], isLsd = false }: Offer & Ways & { flags?: readonly string[] },
): Promise<ShoalSeed> {
  const torrent = join(scene.folder('torrent of shoal'), 'made by shoal.torrent')
  const content = writeSample(sample, scene.folder('shoal content'))
  const making = ['seed', content, '-o', torrent, ...creationFlags({ sample, format, trackers })]
  const seed = await startSeed(scene, torrent, [...making, ...flags], isLsd)
  if (trackers.length > 0) await answeredByAll(seed.program, format)
  return seed
}

/** Serves what was made before. Where its format is given, it is waited until its trackers know of it. */
export async function startShoalSeedOf(
  scene: Scene,
  { torrent, folder, format, isLsd }: { torrent: string; folder: string; format?: string } & Ways,
): Promise<ShoalSeed> {
  const seed = await startSeed(scene, torrent, ['seed', torrent, '--dir', folder], isLsd)
  if (format) await answeredByAll(seed.program, format)
  return seed
}

/** All programs of a test file are in one network: they would find each other there, whatever the story is about. */
interface Ways {
  /** Whether it looks for peers in the local network. Default false. */
  readonly isLsd?: boolean
}

async function startSeed(
  scene: Scene,
  torrent: string,
  args: readonly string[],
  isLsd = false,
): Promise<ShoalSeed> {
  const at = { host: scene.address(), port: PORT }
  const place = [...placeFlags(at, isLsd), '--state', scene.folder('shoal seed state')]
  const program = startShoal(scene, 'shoal seed', [...args, ...place])
  const { magnet } = await program.event({ type: 'ready' })
  return { program, at, torrent, magnet: String(magnet) }
}

function placeFlags({ host, port }: Place, isLsd: boolean): string[] {
  return ['--bind', host, '--port', String(port), ...(isLsd ? [] : ['--no-lsd'])]
}

function creationFlags({ sample, format, trackers = [] }: Offer): string[] {
  return [
    ...['--format', format, '--piece-length', String(sample.pieceLength)],
    ...trackers.flatMap(tracker => ['--tracker', tracker]),
  ]
}

/** A tracker is in each of the torrent's swarms: a hybrid has two. */
async function answeredByAll(program: Program, format: string): Promise<void> {
  const answers = format === 'hybrid' ? 2 : 1
  await program.event({ type: 'alert', alert: 'tracker-answered', event: 'started' }, { times: answers })
}

export interface ShoalLeech {
  readonly at: Place
  readonly program: Program
  readonly folder: string
}

/** Downloads `source`, a torrent file or a magnet link. */
export function startShoalLeech(
  scene: Scene,
  {
    source,
    peers = [],
    flags = [],
    name = 'shoal leech',
    isLsd = false,
  }: { source: string; peers?: readonly Place[]; flags?: readonly string[]; name?: string } & Ways,
): ShoalLeech {
  const folder = scene.folder(name)
  const at = { host: scene.address(), port: PORT }
  const program = startShoal(scene, name, [
    ...['get', source, '--dir', folder, ...flags],
    ...peers.flatMap(({ host, port }) => ['--peer', `${host}:${port}`]),
    ...placeFlags(at, isLsd),
    ...['--state', scene.folder(`${name} state`)],
  ])
  return { program, folder, at }
}

/** A tracker of ours, for whoever comes. */
export async function startShoalTracker(scene: Scene): Promise<{ announceUrl: string }> {
  const args = ['tracker', '--bind', scene.address(), '--http-port', '6969']
  const { announce } = await startShoal(scene, 'shoal tracker', args).event({ type: 'ready' })
  return { announceUrl: String(announce) }
}

/** What a tracker that is not in the torrent file says of it. */
export async function scrapeWithShoal(scene: Scene, torrent: string, tracker: string): Promise<unknown> {
  const scrape = startShoal(scene, 'shoal scrape', ['scrape', torrent, '--tracker', tracker])
  const { trackers } = await scrape.event({ type: 'done' })
  await scrape.succeeded()
  return trackers
}

function startShoal(scene: Scene, name: string, args: readonly string[]): Program {
  return scene.start(name, [process.execPath, '-C', 'shoal-source', LAUNCHER, ...args, '--json'])
}
