/** libtorrent (Debian's Python) as a seed and a leech, and its torrents. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PYTHON, runLibtorrent } from '../programs.ts'
import type { Program } from './program.ts'
import { type Sample, writeSample } from './samples.ts'
import { isTraced, type Scene } from './scene.ts'
import type { Place } from './shoal.ts'

const PEER = fileURLToPath(new URL('libtorrent-peer.py', import.meta.url))
const PORT = 6881

export interface LibtorrentSeed {
  readonly program: Program
  readonly at: Place
  readonly torrent: string
  /** As libtorrent writes it, without a peer. */
  readonly magnet: string
}

export async function startLibtorrentSeed(
  scene: Scene,
  { sample, format, trackers = [] }: { sample: Sample; format: string; trackers?: readonly string[] },
): Promise<LibtorrentSeed> {
  const folder = scene.folder('libtorrent seed')
  const torrent = join(scene.folder('libtorrent torrent'), 'made by libtorrent.torrent')
  const content = writeSample(sample, folder)
  const job = { content, folder, torrent, format, pieceLength: sample.pieceLength, trackers }
  const { magnet } = runLibtorrent(MAKE_TORRENT, [JSON.stringify(job)]) as { magnet: string }
  const at = { host: scene.address(), port: PORT }
  const program = startLibtorrent(scene, 'libtorrent seed', { at, folder, torrent, peers: [] })
  await program.event({ type: 'done' })
  return { program, at, torrent, magnet }
}

/** Serves a sample with a torrent that others made, from a folder of its own. */
export async function startLibtorrentSeedOf(
  scene: Scene,
  { sample, torrent }: { sample: Sample; torrent: string },
): Promise<{ program: Program; at: Place; content: string }> {
  const folder = scene.folder('libtorrent seed')
  const content = writeSample(sample, folder)
  const at = { host: scene.address(), port: PORT }
  const program = startLibtorrent(scene, 'libtorrent seed', { at, folder, torrent, peers: [] })
  await program.event({ type: 'done' })
  return { program, at, content }
}

export interface LibtorrentLeech {
  readonly at: Place
  readonly program: Program
  readonly folder: string
}

export function startLibtorrentLeech(
  scene: Scene,
  {
    source,
    peers = [],
    name = 'libtorrent leech',
    isLsd = false,
  }: {
    source: { torrent: string } | { magnet: string }
    peers?: readonly Place[]
    name?: string
    isLsd?: boolean
  },
): LibtorrentLeech {
  const folder = scene.folder(name)
  const at = { host: scene.address(), port: PORT }
  return { at, program: startLibtorrent(scene, name, { at, folder, ...source, peers, isLsd }), folder }
}

interface Job {
  readonly at: Place
  readonly folder: string
  readonly peers: readonly Place[]
  /** Whether it looks for peers in the local network. Default false. */
  readonly isLsd?: boolean
  readonly torrent?: string
  readonly magnet?: string
}

function startLibtorrent(scene: Scene, name: string, { at, peers, ...job }: Job): Program {
  const all = {
    ...job,
    address: at.host,
    port: at.port,
    peers: peers.map(({ host, port }) => [host, port]),
    isTraced,
  }
  return scene.start(name, [PYTHON, PEER, JSON.stringify(all)])
}

const MAKE_TORRENT = `
import json, sys, libtorrent as lt
job = json.loads(sys.argv[1])
files = lt.file_storage()
lt.add_files(files, job['content'])
flags = {'v1': lt.create_torrent.v1_only, 'v2': lt.create_torrent.v2_only, 'hybrid': 0}[job['format']]
torrent = lt.create_torrent(files, job['pieceLength'], flags)
for tier, tracker in enumerate(job['trackers']):
    torrent.add_tracker(tracker, tier)
lt.set_piece_hashes(torrent, job['folder'])
made = lt.bencode(torrent.generate())
open(job['torrent'], 'wb').write(made)
print(json.dumps({'magnet': lt.make_magnet_uri(lt.torrent_info(lt.bdecode(made)))}))
`
